// THE data flow: what happens with the result of a probe, on one screen. Main loop only.
#pragma once

#include <functional>
#include <memory>

#include "exporter/incident/book.h"
#include "exporter/journal/recorder.h"
#include "exporter/metrics/self_metrics.h"

namespace lookout {

class Pipeline {
 public:
  // For whoever tells people, e.g. the log; after the event has been entered everywhere.
  using OnEvent = std::function<void(const TargetConfig&, const IncidentEvent&)>;

  Pipeline(Book& book, Recorder& recorder, SelfMetrics& metrics, OnEvent on_event)
      : book_(book), recorder_(recorder), metrics_(metrics), on_event_(std::move(on_event)) {}

  // Follows a new configuration; incidents of targets that it does not have are closed.
  void apply(const Config& config, Moment now);
  // `ended`: now. Ignores results of targets that a reload has removed, or pointed elsewhere, while the probe
  // ran.
  void on_result(const TargetConfig& target, std::shared_ptr<const ProbeResult> result, Moment ended);

  // Takes up what the last process left.
  void resume(const Restored& restored, Moment now);
  // The journal's file is a new one: everything known is entered again.
  void enter_everything();

 private:
  void tell(const TargetConfig& target, const Step& judged);

  Book& book_;
  Recorder& recorder_;
  SelfMetrics& metrics_;
  const OnEvent on_event_;
};

}  // namespace lookout
