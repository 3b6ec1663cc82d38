#include "exporter/incident/incident.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>

#include "probes/core/enum_names.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, 5> kEndingNames{"none", "itself", "action", "person", "unknown"};

const RecoveryAttempt* newest_acted(const Incident& incident) {
  const RecoveryAttempt* newest = nullptr;
  for (const RecoveryAttempt& attempt : incident.attempts) {
    if (attempt.acted() && !attempt.fail_back) newest = &attempt;
  }
  return newest;
}

// FNV-1a: the same on every machine and in every build.
std::uint32_t stable_hash(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const unsigned char byte : text) hash = (hash ^ byte) * 16777619U;
  return hash;
}

}  // namespace

std::string_view name(Ending ending) { return kEndingNames.at(static_cast<std::size_t>(ending)); }
std::optional<Ending> parse_ending(std::string_view text) { return parse_name<Ending>(kEndingNames, text); }

std::optional<WallTime> last_acted(const Incident& incident) {
  std::optional<WallTime> last;
  for (const RecoveryAttempt& attempt : incident.attempts) {
    if (attempt.acted()) last = std::max(last.value_or(attempt.decided), attempt.decided);
  }
  return last;
}

void conclude_attempts(Incident& incident) {
  if (!incident.recovered) return;
  bool acted_in_time = false;
  for (RecoveryAttempt& attempt : incident.attempts) {
    if (attempt.fail_back) continue;
    const bool in_time = attempt.started && *attempt.started < *incident.recovered;
    acted_in_time = acted_in_time || (attempt.acted() && in_time);
    if (attempt.state == AttemptState::waiting) attempt.state = AttemptState::withdrawn;
    if (attempt.state == AttemptState::settling)
      attempt.state = in_time ? AttemptState::recovered : AttemptState::ineffective;
  }
  const RecoveryAttempt* newest = newest_acted(incident);
  if (newest == nullptr || !acted_in_time) {
    incident.ending = Ending::itself;
  } else if (newest->state == AttemptState::recovered) {
    incident.ending = Ending::action;
  } else if (newest->state == AttemptState::ambiguous || newest->state == AttemptState::reserved) {
    incident.ending = Ending::unknown;
  } else {
    incident.ending = Ending::person;
  }
}

void abandon_attempts(Incident& incident) {
  for (RecoveryAttempt& attempt : incident.attempts) {
    if (attempt.state == AttemptState::waiting) attempt.state = AttemptState::withdrawn;
    if (attempt.state == AttemptState::reserved || attempt.state == AttemptState::settling)
      attempt.state = AttemptState::ambiguous;
  }
  if (newest_acted(incident) != nullptr) incident.ending = Ending::unknown;
}

std::string ending_in_words(const Incident& incident) {
  const RecoveryAttempt* newest = newest_acted(incident);
  const std::string action = newest != nullptr ? newest->action : std::string();
  switch (incident.ending) {
    case Ending::none:
      return {};
    case Ending::itself:
      return "by itself: before any action";
    case Ending::action:
      return fmt::format("after {}{}", action, newest->by.empty() ? "" : ", which came from " + newest->by);
    case Ending::person:
      return fmt::format("by none of the actions, of which {} was the last: by a person, or by itself",
                         action);
    case Ending::unknown:
      return fmt::format("after {}, of which it is not known whether it was carried out", action);
  }
  return {};
}

std::string incident_id(std::string_view target, WallTime detected) {
  const auto since_epoch = detected.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch - whole).count();
  const std::time_t time = whole.count();
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}-{:08x}", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     stable_hash(fmt::format("{}.{:03}", target, milliseconds)));
}

bool is_incident_id(std::string_view text) {
  constexpr std::string_view kForm = "dddddddd-dddddd-";
  if (text.size() < kForm.size() + 4 || text.size() > kForm.size() + 16) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    const bool fits = i >= kForm.size() ? digit || (text[i] >= 'a' && text[i] <= 'f')
                      : kForm[i] == 'd' ? digit
                                        : text[i] == '-';
    if (!fits) return false;
  }
  return true;
}

}  // namespace lookout
