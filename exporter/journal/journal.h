// The main loop's hand on the journal: takes what is to be kept, and has one thread of its own write it, so
// that a slow, full or broken disk delays nobody. Main loop only.
//
// What is entered while a batch is being written forms the next one (group commit). A batch that cannot be
// written stays, and is tried again with growing pauses; a corrupt file is set aside and a new one begun.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "exporter/journal/store.h"
#include "probes/core/task.h"

namespace lookout {

class JournalWorker;

// Each may be empty.
struct JournalEvents {
  std::function<void(const std::string& fault)> failed;  // once for each attempt
  std::function<void(std::size_t entries)> dropped;      // more waited than is kept
  // The file is a new one although this process has written before: everything known must be entered again.
  std::function<void()> begun_anew;
  // What open() could not read at the start, and can now.
  std::function<void(Restored)> read_late;
};

class Journal {
 public:
  // An empty folder keeps everything in memory.
  Journal(asio::io_context& main, std::string folder, JournalEvents events);
  ~Journal();  // waits for the batch that is being written

  // What the last process left. nullopt: it cannot be read now, or not in time; fault() says why.
  Task<std::optional<Restored>> open();

  // What waits to be written; whoever adds to it calls commit() afterwards.
  Batch& pending() { return pending_; }
  void commit();
  // Whether everything entered so far was on the disk within the limit.
  Task<bool> written(Duration limit);

  // Empty while the journal takes what it is given.
  const std::string& fault() const { return fault_; }

  // Asks on the journal's thread. nullopt: it cannot be read now, or not in time. `complete` adds to the
  // answer what was not written yet when it was given; later it may have been written, and be missed.
  template <class Answer>
  Task<std::optional<Answer>> ask(std::function<Answer(Store&)> question, Duration limit = kAnswerTime,
                                  std::function<void(Answer&)> complete = {});

  // Those of the journal, each in its newest version, newest first.
  Task<std::optional<std::vector<Incident>>> incidents(IncidentFilter filter, Duration limit = kAnswerTime);
  // What waits to be written, or is being written, takes the place of what was found.
  void add_unwritten(const IncidentFilter& filter, std::vector<Incident>& found) const;
  // nullptr: nothing of it waits.
  const Incident* unwritten(const std::string& id) const;

  static constexpr std::size_t kMostWaiting = 200'000;  // entries
  static constexpr Duration kAnswerTime = std::chrono::seconds(10);
  static constexpr Duration kOpeningTime = std::chrono::seconds(3);

 private:
  struct Asking {
    Timer answered;  // cancelled, and thereby its waiter woken, by the answer
    Asking(asio::io_context& main, Duration limit) : answered(main.get_executor(), limit) {}
  };
  void ask_worker(std::function<void(Store&)> question, std::function<void()> then);
  void write_next();
  void on_written(Batch left, const std::string& fault, bool begun_anew);
  Task<> write_missing_reports();
  void wake_waiters();

  asio::io_context& main_;
  const JournalEvents events_;
  Batch pending_;
  std::shared_ptr<const Batch> writing_;  // nullptr: nothing is being written
  bool opened_ = false;                   // open() has ended, with or without a journal
  bool restored_ = false;
  std::uint64_t entered_ = 0, durable_ = 0;  // commits asked for, and done
  std::uint64_t in_flight_ = 0;
  std::string fault_;
  Duration pause_{};  // after the last failure
  bool pausing_ = false;
  Timer retry_;
  std::list<std::pair<std::uint64_t, Timer>> waiters_;
  std::unique_ptr<JournalWorker> worker_;
};

template <class Answer>
Task<std::optional<Answer>> Journal::ask(std::function<Answer(Store&)> question, Duration limit,
                                         std::function<void(Answer&)> complete) {
  auto asking = std::make_shared<Asking>(main_, limit);
  auto answer = std::make_shared<std::optional<Answer>>();
  ask_worker([answer, question = std::move(question)](Store& store) { *answer = question(store); },
             [asking, answer, complete = std::move(complete)] {
               if (*answer && complete) complete(**answer);
               asking->answered.cancel();
             });
  const auto [cancelled] = co_await asking->answered.async_wait(use_tuple);
  if (!cancelled) co_return std::nullopt;  // the time is over, and the worker may still write to the answer
  co_return std::move(*answer);
}

}  // namespace lookout
