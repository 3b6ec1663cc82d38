#include "exporter/journal/journal.h"

#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace lookout {
namespace {

constexpr Duration kFirstPause = std::chrono::seconds(1), kLongestPause = std::chrono::seconds(30);

// What is left of a batch that has been written: the reports of those. Tried again, they are written into the
// journal once more, which changes nothing.
Batch ended_incidents(Batch written) {
  Batch left;
  left.incidents = std::move(written.incidents);
  std::erase_if(left.incidents, [](const auto& each) { return !each.second.recovered; });
  return left;
}

}  // namespace

// One thread. Members are touched on it only, apart from construction and destruction.
class JournalWorker {
 public:
  explicit JournalWorker(std::string folder) : folder_(std::move(folder)) {
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~JournalWorker() {
    keep_running_.reset();
    thread_.join();
  }

  asio::io_context& loop() { return loop_; }

  // The open store; throws StoreError.
  Store& store() {
    if (!store_) store_.emplace(folder_);
    return *store_;
  }

  // Whether a file was set aside, so that the next store() is a new one.
  bool mend(const StoreError& error) {
    store_.reset();  // what is wrong with a file may be gone when it is opened anew
    if (error.kind != StoreError::Kind::corrupt || folder_.empty()) return false;
    try {
      Store::set_aside(folder_, std::chrono::system_clock::now());
      return true;
    } catch (const StoreError&) {
      return false;  // the next attempt says so again
    }
  }

 private:
  const std::string folder_;
  asio::io_context loop_{1};
  asio::executor_work_guard<Executor> keep_running_{loop_.get_executor()};
  std::optional<Store> store_;
  std::thread thread_;
};

Journal::Journal(asio::io_context& main, std::string folder, JournalEvents events)
    : main_(main),
      events_(std::move(events)),
      retry_(main.get_executor()),
      worker_(std::make_unique<JournalWorker>(std::move(folder))) {}

Journal::~Journal() = default;

void Journal::ask_worker(std::function<void(Store&)> question, std::function<void()> then) {
  asio::post(worker_->loop(), [this, worker = worker_.get(), question = std::move(question),
                               then = std::move(then)]() mutable {
    std::string fault;
    try {
      question(worker->store());
    } catch (const StoreError& error) {
      fault = error.what();
      // Nothing is set aside for a reader: the next write finds the same, and enters everything anew.
    }
    asio::post(main_, [this, then = std::move(then), fault = std::move(fault)] {
      if (!fault.empty()) {
        fault_ = fault;
        if (events_.failed) events_.failed(fault);
      }
      then();
    });
  });
}

Task<std::optional<Restored>> Journal::open() {
  const auto read = [](Store& store) { return store.restore(this_moment()); };
  std::optional<Restored> restored = co_await ask<Restored>(read, kOpeningTime);
  opened_ = true;
  restored_ = restored.has_value();
  if (!restored_ && fault_.empty()) fault_ = "the journal did not answer in time";
  write_next();
  co_return restored;
}

void Journal::commit() {
  ++entered_;
  write_next();
}

void Journal::write_next() {
  // Before open() has read what was, nothing may be written over it.
  if (writing_ || !opened_ || pausing_ || pending_.empty()) return;
  writing_ = true;
  in_flight_ = entered_;
  asio::post(worker_->loop(), [this, worker = worker_.get(), batch = std::exchange(pending_, {}),
                               must_read = !restored_]() mutable {
    std::string fault;
    bool stored = false, begun_anew = false;
    std::optional<Restored> read_late;
    try {
      Store& store = worker->store();
      if (must_read) read_late = store.restore(this_moment());
      store.write(batch);
      stored = true;
      batch = ended_incidents(std::move(batch));
      while (!batch.incidents.empty()) {
        store.write_report(batch.incidents.begin()->second);
        batch.incidents.erase(batch.incidents.begin());
      }
    } catch (const StoreError& error) {
      fault = error.what();
      begun_anew = worker->mend(error);
    }
    asio::post(main_, [this, batch = std::move(batch), fault = std::move(fault), stored, begun_anew,
                       read_late = std::move(read_late)]() mutable {
      if (stored) durable_ = in_flight_;
      if (read_late && stored) {
        restored_ = true;
        if (events_.read_late) events_.read_late(*std::move(read_late));
      }
      on_written(std::move(batch), fault, begun_anew);
    });
  });
}

void Journal::on_written(Batch batch, const std::string& fault, bool begun_anew) {
  writing_ = false;
  fault_ = fault;
  wake_waiters();
  if (fault.empty()) {
    pause_ = Duration::zero();
    return write_next();
  }
  pending_.follow(std::move(batch));
  if (events_.failed) events_.failed(fault);
  if (begun_anew) {
    restored_ = true;  // there is nothing to read in a new file
    if (events_.begun_anew) events_.begun_anew();
  }
  const std::size_t dropped = pending_.trim(kMostWaiting);
  if (dropped > 0 && events_.dropped) events_.dropped(dropped);
  pause_ = begun_anew ? kFirstPause : std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  pausing_ = true;
  retry_.expires_after(pause_);
  retry_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    pausing_ = false;
    write_next();
  });
}

void Journal::wake_waiters() {
  for (auto& [entered, timer] : waiters_) {
    if (entered <= durable_) timer.cancel();
  }
}

Task<bool> Journal::written(Duration limit) {
  if (durable_ >= entered_) co_return true;
  const std::uint64_t wanted = entered_;
  auto waiter = waiters_.emplace(waiters_.end(), wanted, Timer(main_.get_executor(), limit));
  co_await waiter->second.async_wait(use_tuple);
  waiters_.erase(waiter);
  co_return durable_ >= wanted;
}

}  // namespace lookout
