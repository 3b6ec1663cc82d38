#include "exporter/incident/recovery_attempt.h"

#include <array>

#include "probes/core/enum_names.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, kGateCount> kGateNames{
    "mode",  "incident", "conclusive", "maintenance", "dependency", "flapping", "plan",
    "brake", "leader",   "attempts",   "cooldown",    "budget",     "breaker",  "scope"};
constexpr std::array<std::string_view, kAttemptStateCount> kStateNames{
    "waiting", "reserved",  "settling", "recovered", "ineffective",
    "failed",  "ambiguous", "observed", "expired",   "withdrawn"};

}  // namespace

std::string_view name(RecoveryGate gate) { return kGateNames.at(static_cast<std::size_t>(gate)); }
std::string_view name(AttemptState state) { return kStateNames.at(static_cast<std::size_t>(state)); }
std::optional<AttemptState> parse_attempt_state(std::string_view text) {
  return parse_name<AttemptState>(kStateNames, text);
}

bool RecoveryAttempt::acted() const {
  switch (state) {
    case AttemptState::reserved:
    case AttemptState::settling:
    case AttemptState::recovered:
    case AttemptState::ineffective:
    case AttemptState::failed:
    case AttemptState::ambiguous:
      return true;
    default:
      return false;
  }
}

bool RecoveryAttempt::did_not_help() const {
  return state == AttemptState::ineffective || state == AttemptState::failed ||
         state == AttemptState::ambiguous;
}

bool RecoveryAttempt::pending() const {
  return state == AttemptState::waiting || state == AttemptState::reserved;
}

}  // namespace lookout
