#include "exporter/recovery/action_loop.h"

#include <list>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "probes/net/services.h"

namespace lookout {

// Members are touched on its thread only, apart from construction and destruction.
class ActionLoop::Worker {
 public:
  Worker() {
    thread_ = std::thread([this] { loop_.run(); });
  }
  // Actions hold pieces of the services, so they are cut and unwound before anything is destroyed.
  ~Worker() {
    asio::post(loop_, [this] { stop(); });
    thread_.join();
    loop_.restart();
    loop_.poll();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  asio::io_context& loop() { return loop_; }

  // Cut when the thread is to end.
  template <class Result>
  Task<Result> hold(Task<Result> work) {
    if (stopping_) co_return Result();
    Running running(*this);
    co_return co_await asio::co_spawn(loop_, std::move(work),
                                      asio::bind_cancellation_slot(running.self->slot(), use_task));
  }

  ProbeServices& services() { return services_; }

 private:
  // An action, for as long as its coroutine lives.
  struct Running {
    explicit Running(Worker& worker_in)
        : worker(worker_in), self(worker_in.running_.emplace(worker_in.running_.end())) {}
    ~Running() {
      worker.running_.erase(self);
      if (worker.stopping_ && worker.running_.empty()) worker.loop_.stop();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    Worker& worker;
    std::list<asio::cancellation_signal>::iterator self;
  };

  void stop() {
    stopping_ = true;
    if (running_.empty()) return loop_.stop();
    for (auto& signal : running_) asio::post(loop_, [this, wanted = &signal] { cut(wanted); });
  }

  void cut(const asio::cancellation_signal* wanted) {
    for (auto& signal : running_) {
      if (&signal == wanted) return signal.emit(asio::cancellation_type::terminal);
    }
  }

  asio::io_context loop_{1};
  asio::executor_work_guard<Executor> keep_running_{loop_.get_executor()};
  ProbeServices services_{loop_};
  std::list<asio::cancellation_signal> running_;
  bool stopping_ = false;
  std::thread thread_;
};

ActionLoop::ActionLoop() : worker_(std::make_unique<Worker>()) {}
ActionLoop::~ActionLoop() = default;

namespace {

Task<LeaseStanding> renew_once(std::shared_ptr<Lease> lease, ProbeServices& services) {
  co_await lease->renew(services);
  co_return LeaseStanding{lease->held_until(), lease->holder(), lease->trouble()};
}

Task<bool> release_once(std::shared_ptr<Lease> lease, ProbeServices& services) {
  co_await lease->release(services);
  co_return true;
}

// Awaiting brings the result back to the caller's loop. No cancellation slot: one must not be used across
// threads.
template <class Result>
Task<Result> over_there(asio::io_context& loop, Task<Result> work) {
  co_return co_await asio::co_spawn(loop, std::move(work),
                                    asio::bind_cancellation_slot(asio::cancellation_slot(), use_task));
}

}  // namespace

Task<ActionResult> ActionLoop::run(std::shared_ptr<const ActionConfig> action, ActionCause cause) {
  return over_there(worker_->loop(),
                    worker_->hold(run_action(std::move(action), std::move(cause), worker_->services())));
}

Task<> ActionLoop::lend(std::function<Task<bool>(ProbeServices&)> work) {
  co_await over_there(worker_->loop(), worker_->hold(work(worker_->services())));
}

Task<LeaseStanding> ActionLoop::renew(std::shared_ptr<Lease> lease) {
  return over_there(worker_->loop(), worker_->hold(renew_once(std::move(lease), worker_->services())));
}

Task<> ActionLoop::release(std::shared_ptr<Lease> lease) {
  co_await over_there(worker_->loop(), worker_->hold(release_once(std::move(lease), worker_->services())));
}

}  // namespace lookout
