// Carries out what decide.h allows, and follows what becomes of it: reserves an attempt in the journal before
// it touches anything, has the action done elsewhere, gives it time, and lets the target's probes say whether
// it helped. Main loop; waits for nothing itself.
//
// A restart in the middle neither repeats an action nor forgets one: what was reserved and has no end may
// have been done, so it is ambiguous, counts, and is not done again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "exporter/actions/action.h"
#include "exporter/journal/recorder.h"
#include "exporter/recovery/decide.h"
#include "exporter/recovery/fleet.h"
#include "exporter/recovery/leadership.h"

namespace lookout {

// What bounds the configuration's mode from outside; the lowest holds.
struct RecoveryBounds {
  RecoveryMode flag = RecoveryMode::automatic;  // --recovery.mode
  bool remembers = true;  // there is a journal that survives; without one nothing is ever touched
  std::string stop_file;  // while this file is there, nothing is touched; empty: none
};

class Recovery {
 public:
  // Carries out an action somewhere else, and resumes on the main loop.
  using Run = std::function<Task<ActionResult>(std::shared_ptr<const ActionConfig>, ActionCause)>;
  struct Events {
    // What happened to it in a word: "acting", "done", "ineffective", ...
    std::function<void(const RecoveryAttempt&, std::string_view what)> happened;
    std::function<void(const std::string& target, RecoveryGate, const std::string& why)> refused;
  };

  // What surrounds a target now; set by Pipeline.
  std::function<Circumstances(const TargetRecord&, Moment now)> circumstances_of;

  // What the wall clock says when an action begins and ends.
  std::function<WallTime()> clock = std::chrono::system_clock::now;

  Recovery(asio::io_context& main, Book& book, Recorder& recorder, Journal& journal, Leadership& leadership,
           Run run, RecoveryBounds bounds, Events events);

  void apply(std::shared_ptr<const Config> config);
  // Takes up what the last process left.
  void resume(const Restored& restored, Moment now);
  // The journal's file is a new one: what must outlast this process is entered again. If nobody had read the
  // old one, nobody knows what was done, for as long as attempts are counted.
  void begin_journal_anew();
  // Begins nothing any more.
  void stop() { stopping_ = true; }

  // After a judgement.
  void consider(const std::string& target, Moment now);
  // `onset`: of the incident that has opened.
  void opened(const std::string& target, WallTime onset, Moment now);
  // All open incidents anew, what is to be undone when all is well, what is to be forgotten. Every second.
  void look_around(Moment now);

  // From outside; each answers in words what came of it.
  struct Answer {
    bool accepted = false;
    std::string text;
  };
  Answer approve(const std::string& attempt, const std::string& by, Moment now);
  // An alert asks for a target's plan.
  Answer ask(const std::string& target, const std::string& by, Moment now);
  // What it would do about an incident that is only pretended, in words; nothing is done, reserved or noted.
  // Empty: the target has no plan.
  std::string rehearse(const std::string& target, const std::string& incident, const TargetState& state,
                       const std::string& asked_by, Moment now);
  // By a person; lasts over restarts. automatic: as configured.
  void set_bound(RecoveryMode bound);

  RecoveryMode mode() const;
  RecoveryMode bound() const { return asked_bound_; }
  bool acting() const { return acting_ > 0; }  // something is about to be carried out, or is being so
  const Ledger& ledger() const { return ledger_; }

  static constexpr Duration kReserveTime = std::chrono::seconds(5);

 private:
  const RecoveryPlan* plan_of(const TargetRecord& record) const;
  Situation situation(const TargetRecord& record, const RecoveryPlan& plan, Moment now);
  void ended(const Incident& incident);
  void verify(const TargetRecord& record, const Incident& incident, Moment now);
  void expire(Moment now);
  void refuse(const Situation& known, const Decision& decision, Moment now);
  void act(const TargetRecord& record, const Situation& known, std::size_t step, Moment now);
  struct Beginning {
    Duration settle{};
    bool approved = false;  // by a person
  };
  void begin(RecoveryAttempt attempt, Beginning beginning, Moment now);
  Task<> carry_out(RecoveryAttempt attempt, std::shared_ptr<const ActionConfig> action, ActionCause cause,
                   Beginning beginning);
  std::string refusal_to_begin(const RecoveryAttempt& attempt, bool approved) const;
  void finish(RecoveryAttempt attempt, ActionResult result, Duration settle);
  std::optional<WallTime> well_since(const TargetRecord& record, const FailBack& fail_back) const;
  void consider_fail_back(const RecoveryAttempt& attempt, Moment now);
  void enter_instance();
  void remember(const RecoveryAttempt& attempt);
  void withdraw(RecoveryAttempt attempt, WallTime now, std::string_view why);
  const RecoveryStep* step_of(const TargetRecord& record, const RecoveryPlan& plan,
                              const RecoveryAttempt& attempt) const;
  bool put(const RecoveryAttempt& attempt, WallTime at, std::string_view what, std::string text);
  RecoveryAttempt new_attempt(const TargetRecord& record, const std::string& incident,
                              const std::string& action, std::size_t step, WallTime now) const;
  // Why the ledger may not be all there is; empty: it is.
  std::string ledger_fault(WallTime now) const;

  asio::io_context& main_;
  Book& book_;
  Recorder& recorder_;
  Journal& journal_;
  Leadership& leadership_;
  const Run run_;
  const RecoveryBounds bounds_;
  const Events events_;
  std::shared_ptr<const Config> config_;
  Ledger ledger_;
  Fleet fleet_;
  RecoveryMode asked_bound_ = RecoveryMode::automatic;
  int acting_ = 0;
  bool stopping_ = false;
  bool bound_was_set_ = false;          // by this process
  bool undoes_ = false;                 // a plan has a fail_back
  std::optional<WallTime> slow_since_;  // the journal did not take a reservation in time
  bool known_ = false;                  // the ledger is what the journal says
  WallTime unknown_until_{};
  // Gates whose refusals of an incident were noted since something was last done, by target.
  struct Told {
    std::string incident;
    std::set<RecoveryGate> gates;
  };
  std::map<std::string, Told, std::less<>> told_;
  std::map<std::string, std::string, std::less<>> asked_by_;  // by incident
};

}  // namespace lookout
