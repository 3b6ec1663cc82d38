#include "exporter/journal/journal.h"

#include <algorithm>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace lookout {
namespace {

constexpr Duration kFirstPause = std::chrono::seconds(1), kLongestPause = std::chrono::seconds(30);

constexpr Duration kReportsAge = std::chrono::hours(7 * 24);
constexpr std::size_t kMostReports = 1000, kReportsAtOnce = 10;

// Of a batch that has been written, the reports are left. Tried again, their incidents are written into the
// journal once more, which changes nothing.
Batch ended_incidents(const Batch& written) {
  Batch left;
  for (const auto& [id, incident] : written.incidents) {
    if (incident.recovered) left.incidents.emplace(id, incident);
  }
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
  if (restored_) asio::co_spawn(main_, write_missing_reports(), asio::detached);
  co_return restored;
}

// Those whose incidents had ended on the disk when a process died before it wrote them.
Task<> Journal::write_missing_reports() {
  const std::function<std::vector<std::string>(Store&)> find = [](Store& store) {
    const auto since =
        std::chrono::system_clock::now() - std::chrono::duration_cast<WallTime::duration>(kReportsAge);
    return store.without_report(since, kMostReports);
  };
  const auto missing = co_await ask(find);
  for (std::size_t begin = 0; missing && begin < missing->size(); begin += kReportsAtOnce) {
    const std::size_t end = std::min(begin + kReportsAtOnce, missing->size());
    const std::vector<std::string> ids(missing->begin() + static_cast<std::ptrdiff_t>(begin),
                                       missing->begin() + static_cast<std::ptrdiff_t>(end));
    const std::function<bool(Store&)> write = [ids](Store& store) {
      for (const std::string& id : ids) {
        if (const auto incident = store.incident(id)) store.write_report(*incident);
      }
      return true;
    };
    if (!co_await ask(write)) co_return;  // the next start tries again
  }
}

Task<std::optional<std::vector<Incident>>> Journal::incidents(IncidentFilter filter, Duration limit) {
  const std::function<std::vector<Incident>(Store&)> question = [filter](Store& store) {
    return store.incidents(filter);
  };
  const std::function<void(std::vector<Incident>&)> complete = [this, filter](std::vector<Incident>& found) {
    add_unwritten(filter, found);
  };
  co_return co_await ask(question, limit, complete);
}

void Journal::add_unwritten(const IncidentFilter& filter, std::vector<Incident>& found) const {
  std::map<std::string, Incident, std::greater<>> newest;
  const auto add = [&](const std::map<std::string, Incident>& incidents) {
    for (const auto& [id, incident] : incidents) {
      newest.erase(id);
      if (matches(incident, filter)) newest.emplace(id, incident);
    }
  };
  for (Incident& incident : found) newest.emplace(incident.id, std::move(incident));
  if (writing_) add(writing_->incidents);
  add(pending_.incidents);
  found.clear();
  for (auto& [id, incident] : newest) {
    if (found.size() < filter.limit) found.push_back(std::move(incident));
  }
}

const Incident* Journal::unwritten(const std::string& id) const {
  if (const auto waiting = pending_.incidents.find(id); waiting != pending_.incidents.end())
    return &waiting->second;
  if (!writing_) return nullptr;
  const auto written = writing_->incidents.find(id);
  return written == writing_->incidents.end() ? nullptr : &written->second;
}

void Journal::commit() {
  ++entered_;
  write_next();
}

void Journal::write_next() {
  // Before open() has read what was, nothing may be written over it.
  if (writing_ || !opened_ || pausing_ || pending_.empty()) return;
  writing_ = std::make_shared<const Batch>(std::exchange(pending_, {}));
  in_flight_ = entered_;
  asio::post(worker_->loop(), [this, worker = worker_.get(), batch = writing_, must_read = !restored_] {
    std::string fault;
    bool stored = false, begun_anew = false;
    std::optional<Restored> read_late;
    Batch left;
    try {
      Store& store = worker->store();
      if (must_read) read_late = store.restore(this_moment());
      store.write(*batch);
      stored = true;
      left = ended_incidents(*batch);
      while (!left.incidents.empty()) {
        store.write_report(left.incidents.begin()->second);
        left.incidents.erase(left.incidents.begin());
      }
    } catch (const StoreError& error) {
      fault = error.what();
      begun_anew = worker->mend(error);
      if (!stored) left = *batch;
    }
    asio::post(main_, [this, left = std::move(left), fault = std::move(fault), stored, begun_anew,
                       read_late = std::move(read_late)]() mutable {
      if (stored) durable_ = in_flight_;
      if (read_late && stored) {
        restored_ = true;
        if (events_.read_late) events_.read_late(*std::move(read_late));
        asio::co_spawn(main_, write_missing_reports(), asio::detached);
      }
      on_written(std::move(left), fault, begun_anew);
    });
  });
}

void Journal::on_written(Batch left, const std::string& fault, bool begun_anew) {
  writing_ = nullptr;
  fault_ = fault;
  wake_waiters();
  if (fault.empty()) {
    pause_ = Duration::zero();
    return write_next();
  }
  pending_.follow(std::move(left));
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
