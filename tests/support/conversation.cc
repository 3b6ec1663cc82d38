#include "tests/support/conversation.h"

#include <limits>

#include <unistd.h>

#include "probes/net/resolver.h"
#include "tests/support/patience.h"

namespace lookout::test {
namespace {

struct Ending {
  Outcome outcome;
  std::exception_ptr exception;
  bool ended = false;
};

}  // namespace

Conversed converse_until(Duration timeout, const std::function<Task<Outcome>(ProbeRun&)>& talk,
                         const std::function<void(ProbeServices&)>& prepare) {
  asio::io_context loop(1);
  Conversed result;
  {
    Timer deadline(loop.get_executor());  // first, because it makes the loop take its descriptors
    ProbeServices services(loop);
    if (prepare) prepare(services);
    const SteadyTime start = std::chrono::steady_clock::now();
    ProbeRun run(services, start, start + timeout * kPatience);
    Ending ending;
    bool late = false;
    asio::cancellation_signal cancel;
    deadline.expires_at(run.deadline);
    deadline.async_wait([&](auto error) {
      if (error) return;
      late = true;
      cancel.emit(asio::cancellation_type::terminal);
    });
    asio::co_spawn(
        loop.get_executor(), talk(run),
        asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr exception, Outcome outcome) {
          ending = {std::move(outcome), exception, true};
          loop.stop();  // a lookup that goes on is not waited for
        }));
    loop.run();
    const SteadyTime end = std::chrono::steady_clock::now();
    if (late) {
      result.failure = run.fail(Cause::timeout, "the deadline");
    } else if (ending.exception) {
      std::rethrow_exception(ending.exception);
    } else {
      result.failure = std::move(ending.outcome);
    }
    result.duration = end - start;
    result.stages = run.take_stages(end);
    result.facts = std::move(run.facts).take();
    result.trace = run.take_trace();
    result.certificates = std::move(run.certificates);
  }
  return result;
}

std::function<void(ProbeServices&)> name_server(std::uint16_t port, Duration wait, int rounds) {
  return [=](ProbeServices& services) {
    const asio::ip::udp::endpoint server(asio::ip::address_v4::loopback(), port);
    services.resolver().set_servers({server}, ResolverPatience{wait, rounds});
  };
}

NoDescriptors::NoDescriptors() {
  ::getrlimit(RLIMIT_NOFILE, &before_);
  const int next = ::dup(0);
  ::close(next);
  const rlimit exhausted{static_cast<rlim_t>(next), before_.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &exhausted);
}

NoDescriptors::~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

std::string key_of(const Outcome& failure) { return failure ? key(*failure) : "up"; }

std::string names_of(const std::vector<StageTime>& stages) {
  std::string text;
  for (const StageTime& time : stages) {
    if (!text.empty()) text += ' ';
    text += name(time.stage);
  }
  return text;
}

Duration time_of(const std::vector<StageTime>& stages, Stage stage) {
  for (const StageTime& time : stages) {
    if (time.stage == stage) return time.duration;
  }
  return Duration(-1);
}

const Fact* fact_of(const std::vector<Fact>& facts, std::string_view metric, std::string_view labels) {
  for (const Fact& fact : facts) {
    if (fact.family->metric == metric && fact.labels.find(labels) != std::string::npos) return &fact;
  }
  return nullptr;
}

double value_of(const std::vector<Fact>& facts, std::string_view metric, std::string_view labels) {
  const Fact* fact = fact_of(facts, metric, labels);
  return fact != nullptr ? fact->value : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace lookout::test
