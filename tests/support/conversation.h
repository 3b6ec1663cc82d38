// Runs one conversation on a loop of its own under a deadline, as run_probe does for whole kinds, and keeps
// what it left.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/services.h"

namespace lookout::test {

struct Conversed {
  Outcome failure;  // after the deadline: {stage reached, timeout}
  std::vector<StageTime> stages;
  std::vector<Fact> facts;
  std::vector<TraceLine> trace;
  CertificateChain certificates;
  Duration duration{};
};

// `timeout` is multiplied by kPatience (patience.h). `prepare` runs before, e.g. to set name servers. `talk`
// is no coroutine itself, but calls one.
Conversed converse_until(Duration timeout, const std::function<Task<Outcome>(ProbeRun&)>& talk,
                         const std::function<void(ProbeServices&)>& prepare = {});

// Resolves with the name server on this port of 127.0.0.1, tried `rounds` times for `wait` each.
std::function<void(ProbeServices&)> name_server(std::uint16_t port,
                                                Duration wait = std::chrono::milliseconds(200),
                                                int rounds = 2);

// While it lives, this process gets no further descriptors. Make it in `prepare`.
class NoDescriptors {
 public:
  NoDescriptors();
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors();

 private:
  rlimit before_{};
};

// "stage/cause", or "up".
std::string key_of(const Outcome& failure);
// "resolve connect tls"
std::string names_of(const std::vector<StageTime>& stages);
// The time that counted for this stage; negative when it was not reached.
Duration time_of(const std::vector<StageTime>& stages, Stage stage);
// The first fact of a metric whose labels contain `labels`.
const Fact* fact_of(const std::vector<Fact>& facts, std::string_view metric, std::string_view labels = {});
// Its value; NaN when there is none, which compares equal to nothing.
double value_of(const std::vector<Fact>& facts, std::string_view metric, std::string_view labels = {});

}  // namespace lookout::test
