// THE data flow: what happens with the result of a probe, on one screen. Main loop only.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "exporter/incident/book.h"
#include "exporter/incident/surroundings.h"
#include "exporter/journal/recorder.h"
#include "exporter/metrics/self_metrics.h"
#include "exporter/recovery/recovery.h"

namespace lookout {

class Pipeline {
 public:
  // For whoever tells people, e.g. the log; after the event has been entered everywhere.
  using OnEvent = std::function<void(const TargetConfig&, const IncidentEvent&)>;

  Pipeline(Book& book, Recorder& recorder, Recovery& recovery, SelfMetrics& metrics, OnEvent on_event);

  // Follows a new configuration; incidents of targets that it does not have are closed.
  void apply(std::shared_ptr<const Config> config, Moment now);

  // `ended`: now. Ignores results of targets that a reload has removed, or pointed elsewhere, while the probe
  // ran.
  void on_round(const TargetConfig& target, const Round& round, Moment ended);

  // What changes without a probe: maintenance begins and ends, and with it what is held; actions have had
  // their time. Every second.
  void look_around(Moment now);

  // false: there is no such target.
  bool pause(const std::string& target, bool paused, Moment now);

  // Takes up what the last process left.
  void resume(const Restored& restored, Moment now);
  // The journal's file is a new one: everything known is entered again.
  void enter_everything();

 private:
  void note_votes(const TargetConfig& target, const Round& round);
  void follow(const TargetConfig& target, const Step& judged);
  void tell(const TargetConfig& target, const Step& judged);
  void reconsider_held(Moment now);
  void note_isolation(WallTime now);

  Book& book_;
  Recorder& recorder_;
  Recovery& recovery_;
  SelfMetrics& metrics_;
  const OnEvent on_event_;
  Surroundings surroundings_{book_};
  std::set<std::string> held_;  // targets with an outage that is held
};

}  // namespace lookout
