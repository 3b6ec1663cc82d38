#include "probes/core/probe.h"

#include <algorithm>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 3> kVerdictNames{"up", "down", "inconclusive"};

}  // namespace

std::string_view name(Verdict verdict) { return kVerdictNames.at(static_cast<std::size_t>(verdict)); }

ProbeRun::ProbeRun(ProbeServices& services_, SteadyTime start_, SteadyTime deadline_)
    : services(services_), start(start_), deadline(deadline_) {}

void ProbeRun::enter(Stage stage) {
  const SteadyTime now = std::chrono::steady_clock::now();
  close_stage(now);
  stage_ = stage;
  entered_ = true;
  entered_at_ = now;
}

void ProbeRun::note(std::string text) {
  if (trace_.size() >= kMaximumTraceLines) return;
  trace_.push_back({std::chrono::steady_clock::now() - start, one_line(text, Failure::kMaximumDetail)});
}

Failure ProbeRun::fail(Cause cause, std::string detail) const {
  return {stage_, cause, one_line(detail, Failure::kMaximumDetail)};
}

std::vector<StageTime> ProbeRun::take_stages(SteadyTime end) {
  close_stage(end);
  entered_ = false;
  return std::move(stages_);
}

void ProbeRun::close_stage(SteadyTime now) {
  if (!entered_) return;
  const auto same = std::find_if(stages_.begin(), stages_.end(),
                                 [&](const StageTime& time) { return time.stage == stage_; });
  const Duration spent = now - entered_at_;
  if (same != stages_.end()) {
    same->duration += spent;
  } else {
    stages_.push_back({stage_, spent});
  }
}

}  // namespace lookout
