#include "exporter/probe_loops.h"

#include <list>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "exporter/schedule/schedule.h"
#include "probes/core/stable_hash.h"
#include "probes/net/services.h"
#include "probes/run_probe.h"

namespace lookout {

// One thread. Members are touched on it only, apart from construction and destruction.
class ProbeLoop {
 public:
  using Targets = std::vector<std::shared_ptr<const TargetConfig>>;

  ProbeLoop(asio::io_context& main, std::size_t concurrency, std::uint64_t seed, SelfMetrics& metrics,
            std::weak_ptr<const ProbeLoops::OnRound> on_round)
      : main_(main),
        concurrency_(concurrency),
        seed_(seed),
        metrics_(metrics),
        on_round_(std::move(on_round)) {
    thread_ = std::thread([this] { loop_.run(); });
  }

  // Probes in flight hold pieces of the services, so they are cut and unwound before anything is destroyed.
  ~ProbeLoop() {
    asio::post(loop_, [this] { stop(); });
    thread_.join();
    loop_.restart();  // what was ready when the loop stopped: refusals on their way to who asked
    loop_.poll();
  }

  asio::io_context& context() { return loop_; }

  void watch(Targets targets);
  Task<ProbeResult> probe(std::shared_ptr<const Module> module, Target target, Duration timeout);
  Task<Round> round(std::shared_ptr<const TargetConfig> target);

 private:
  class Running;
  struct Gathering;

  void wait_for_due();
  void start_due();
  void stop();
  void cut(const asio::cancellation_signal* signal);
  Task<> watch_once(std::shared_ptr<const TargetConfig> target, SlotIndex slot, std::uint64_t generation);
  Task<> gather(std::shared_ptr<const TargetConfig> target, std::size_t index,
                std::shared_ptr<Gathering> gathering);

  asio::io_context& main_;
  const std::size_t concurrency_;
  const std::uint64_t seed_;
  SelfMetrics& metrics_;
  const std::weak_ptr<const ProbeLoops::OnRound> on_round_;

  asio::io_context loop_{1};
  asio::executor_work_guard<Executor> keep_running_{loop_.get_executor()};
  ProbeServices services_{loop_};
  Timer due_timer_{loop_.get_executor()};
  Schedule schedule_;
  Targets targets_;
  std::uint64_t generation_ = 0;  // of targets_: results of slots of an older one no longer have a slot
  std::uint64_t missed_ = 0;
  std::list<asio::cancellation_signal> running_;  // one for each probe in flight
  bool stopping_ = false;
  std::thread thread_;
};

void ProbeLoop::watch(Targets targets) {
  if (!targets_.empty() && !stopping_) start_due();  // by the old plan: the new one begins after now
  targets_ = std::move(targets);
  ++generation_;
  missed_ = 0;
  std::vector<Slot> slots;
  slots.reserve(targets_.size());
  for (const auto& target : targets_) slots.push_back({target->name, target->interval});
  schedule_ = Schedule::plan(slots, std::chrono::steady_clock::now(), seed_);
  wait_for_due();
}

void ProbeLoop::wait_for_due() {
  auto due = schedule_.next_due();
  if (!due) {
    due_timer_.cancel();
    return;
  }
  due_timer_.expires_at(*due);
  due_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) start_due();
  });
}

void ProbeLoop::start_due() {
  for (const Schedule::Due& due : schedule_.take_due(std::chrono::steady_clock::now())) {
    metrics_.scheduler_lag(std::chrono::steady_clock::now() - due.due);
    asio::co_spawn(loop_, watch_once(targets_[due.slot], due.slot, generation_), asio::detached);
  }
  if (std::uint64_t missed = schedule_.missed(); missed != missed_) {
    metrics_.probes_missed(missed - missed_);
    missed_ = missed;
  }
  wait_for_due();
}

Task<> ProbeLoop::watch_once(std::shared_ptr<const TargetConfig> target, SlotIndex slot,
                             std::uint64_t generation) {
  Round round = co_await this->round(target);
  if (generation == generation_) schedule_.finished(slot);
  asio::post(main_, [wanted = on_round_, target = std::move(target), round = std::move(round)]() mutable {
    if (const auto on_round = wanted.lock()) (*on_round)(std::move(target), std::move(round));
  });
}

// Checkpoints that are still being probed, and what the others found.
struct ProbeLoop::Gathering {
  Gathering(asio::io_context& loop, std::size_t count) : results(count), running(count), all_ended(loop) {
    all_ended.expires_at(SteadyTime::max());
  }
  Round results;
  std::size_t running;
  Timer all_ended;  // cancelled when they have
};

Task<Round> ProbeLoop::round(std::shared_ptr<const TargetConfig> target) {
  if (target->checkpoints.empty()) {
    auto result = co_await probe(target->module, Target{target->address, {}}, target->timeout);
    co_return Round{std::make_shared<const ProbeResult>(std::move(result))};
  }
  auto gathering = std::make_shared<Gathering>(loop_, target->checkpoints.size());
  for (std::size_t i = 0; i < target->checkpoints.size(); ++i)
    asio::co_spawn(loop_, gather(target, i, gathering), asio::detached);
  while (gathering->running > 0) co_await gathering->all_ended.async_wait(use_tuple);
  co_return std::move(gathering->results);
}

Task<> ProbeLoop::gather(std::shared_ptr<const TargetConfig> target, std::size_t index,
                         std::shared_ptr<Gathering> gathering) {
  const CheckpointConfig& checkpoint = target->checkpoints[index];
  auto result = co_await probe(checkpoint.module, Target{checkpoint.address, {}}, target->timeout);
  gathering->results[index] = std::make_shared<const ProbeResult>(std::move(result));
  if (--gathering->running == 0) gathering->all_ended.cancel();
}

ProbeResult refused_for_lack_of_descriptors(Duration timeout) {
  ProbeResult result;
  result.started = std::chrono::system_clock::now();
  result.timeout = timeout;
  result.failure = Failure{Stage::resolve, Cause::internal,
                           "too many probes in flight for the descriptors of this process"};
  return result;
}

// A probe in flight, for as long as its coroutine lives.
class ProbeLoop::Running {
 public:
  explicit Running(ProbeLoop& loop) : loop_(loop), self_(loop.running_.emplace(loop.running_.end())) {
    loop_.metrics_.probe_started();
  }
  ~Running() {
    loop_.running_.erase(self_);
    loop_.metrics_.probe_finished();
    if (loop_.stopping_ && loop_.running_.empty()) loop_.loop_.stop();
  }
  Running(const Running&) = delete;
  asio::cancellation_slot slot() { return self_->slot(); }

 private:
  ProbeLoop& loop_;
  std::list<asio::cancellation_signal>::iterator self_;
};

Task<ProbeResult> ProbeLoop::probe(std::shared_ptr<const Module> module, Target target, Duration timeout) {
  if (running_.size() >= concurrency_ || stopping_) co_return refused_for_lack_of_descriptors(timeout);
  Running running(*this);
  co_return co_await asio::co_spawn(loop_,
                                    run_probe(std::move(module), std::move(target), timeout, services_),
                                    asio::bind_cancellation_slot(running.slot(), use_task));
}

void ProbeLoop::stop() {
  stopping_ = true;
  due_timer_.cancel();
  schedule_ = Schedule();
  if (running_.empty()) {
    loop_.stop();
    return;
  }
  std::vector<asio::cancellation_signal*> signals;  // emitting ends probes, which leave the list
  for (auto& signal : running_) signals.push_back(&signal);
  for (auto* signal : signals) asio::post(loop_, [this, signal] { cut(signal); });
}

void ProbeLoop::cut(const asio::cancellation_signal* signal) {
  for (auto& running : running_) {
    if (&running == signal) return running.emit(asio::cancellation_type::terminal);
  }
}

ProbeLoops::ProbeLoops(asio::io_context& main, std::size_t count, std::size_t concurrency,
                       SelfMetrics& metrics, OnRound on_round)
    : on_round_(std::make_shared<const OnRound>(std::move(on_round))) {
  std::uint64_t seed =
      std::hash<std::thread::id>{}(std::this_thread::get_id()) ^
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<ProbeLoop>(main, concurrency / count, seed, metrics, on_round_));
  }
}

ProbeLoops::~ProbeLoops() = default;

void ProbeLoops::watch(const std::vector<std::shared_ptr<const TargetConfig>>& targets) {
  std::vector<ProbeLoop::Targets> shares(loops_.size());
  for (const auto& target : targets) {
    if (target->mode == TargetMode::interval)
      shares[stable_hash(target->name) % loops_.size()].push_back(target);
  }
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    asio::post(loops_[i]->context(), [loop = loops_[i].get(), share = std::move(shares[i])]() mutable {
      loop->watch(std::move(share));
    });
  }
}

void ProbeLoops::pause() { watch({}); }

Task<Round> ProbeLoops::round(std::shared_ptr<const TargetConfig> target) {
  ProbeLoop& loop = *loops_[next_++ % loops_.size()];
  co_return co_await asio::co_spawn(loop.context(), loop.round(std::move(target)),
                                    asio::bind_cancellation_slot(asio::cancellation_slot(), use_task));
}

Task<ProbeResult> ProbeLoops::probe(std::shared_ptr<const Module> module, Target target, Duration timeout) {
  ProbeLoop& loop = *loops_[next_++ % loops_.size()];
  // Awaiting brings the result back to the main loop. No cancellation slot: one must not be used across
  // threads.
  co_return co_await asio::co_spawn(loop.context(), loop.probe(std::move(module), std::move(target), timeout),
                                    asio::bind_cancellation_slot(asio::cancellation_slot(), use_task));
}

namespace {

Task<> nothing() { co_return; }

}  // namespace

Task<> ProbeLoops::turn() {
  for (const auto& loop : loops_) {
    co_await asio::co_spawn(loop->context(), nothing(),
                            asio::bind_cancellation_slot(asio::cancellation_slot(), use_task));
  }
}

}  // namespace lookout
