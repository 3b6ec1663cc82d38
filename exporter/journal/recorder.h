// Turns what the judgement says into what the journal keeps: states, incidents with their timelines, runs of
// verdicts, summaries, gaps. Holds the open incidents. Main loop; judges nothing and waits for nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/incident/step.h"
#include "exporter/journal/journal.h"

namespace lookout {

// The probe as JSON, for reports; empty: there is none, or it is too large to keep.
std::string evidence_of(const TargetConfig& target, const ProbeResult* result);

// A line in its timeline; of a very long one the last is replaced.
void add_line(Incident& incident, WallTime at, std::string_view what, std::string text);
// What opens with this outage, as the configuration is now; without evidence and with an empty timeline.
Incident new_incident(const TargetConfig& target, const Outage& outage);

class Recorder {
 public:
  explicit Recorder(Journal& journal) : journal_(journal) {}

  // Takes up what the last process left: notes its absence as a gap and in the timelines of open incidents.
  // Those of which `is_open` knows nothing are closed: nobody watches them any more. So are drills.
  using IsOpen = std::function<bool(const Incident&)>;
  void resume(const Restored& restored, Moment now, const IsOpen& is_open);

  struct Probed {
    const ProbeResult* counted;   // nullptr: a judgement without a probe
    const ProbeResult* evidence;  // kept with an incident that opens; nullptr: none
  };
  void enter(const TargetConfig& target, const TargetState& before, const Step& judged, const Probed& probed);
  // State and open incident of a target, for a journal that has lost them.
  void enter_again(const TargetConfig& target, const TargetState& state);
  // Those that are over and something was done about, likewise.
  void enter_acted_again();
  // A line in the timeline of the target's open incident; nothing if there is none.
  void note(std::string_view target, WallTime at, std::string_view what, std::string text);
  void pause(const TargetConfig& target, const TargetState& state, bool paused);
  // What became of an attempt, with a line in the timeline of its incident, which may be over. Without
  // evidence and output it keeps those that are known. False: there is no such incident, and nothing is kept.
  bool attempt(RecoveryAttempt attempt, WallTime at, std::string_view what, std::string text);
  // A version of an incident that is over, with other words about its end.
  void amend(const Incident& incident);
  // Told what became of the attempts of an incident that has just ended.
  std::function<void(const Incident&)> on_ended;
  // The target has left the configuration.
  void removed(const std::string& target, Moment now);

  // While this instance distrusts itself is a gap.
  void isolated(bool isolated, WallTime now);

  // Now and then: that we are alive, and with `all` the runs and summaries gathered meanwhile too.
  void checkpoint(WallTime now, bool all);

  const Incident* open_incident(std::string_view target) const;
  // Of a target: open, or over for less than kAttemptMemory if something was done about it.
  const Incident* incident(std::string_view target, std::string_view id) const;
  // Outages that ended within the last minutes, for whoever has asked the journal before.
  const std::vector<Span>& just_ended(std::string_view target) const;
  const std::map<std::string, Incident, std::less<>>& open_incidents() const { return open_; }

 private:
  void apply(const IncidentEvent& event, const TargetConfig& target, const ProbeResult* result);
  void open(const IncidentEvent& event, const TargetConfig& target, const ProbeResult* result);
  void close(const std::string& target, WallTime recovered, Duration duration, std::string_view what,
             std::string text);
  void end(Incident& incident, WallTime recovered, Duration duration, std::string_view what,
           std::string text);
  void tell_ended();
  Incident* find(std::string_view target, std::string_view id);
  void add(std::string_view target, WallTime at, std::string_view what, std::string text);
  void keep(const Incident&
                incident);  // whoever calls it commits, once everything that belongs together is entered
  void count(const std::string& target, const ProbeResult& result);

  Journal& journal_;
  std::map<std::string, Incident, std::less<>> open_;                 // by target
  std::map<std::string, std::vector<Span>, std::less<>> just_ended_;  // by target
  std::map<std::string, VerdictRun, std::less<>> runs_;
  Summaries hours_;
  std::map<std::string, Incident, std::less<>> acted_;  // by id: over, and something was done about them
  std::vector<Incident> ended_;                         // and nobody was told yet
  std::map<std::string, bool, std::less<>> paused_;
  std::optional<WallTime> isolated_since_;
};

}  // namespace lookout
