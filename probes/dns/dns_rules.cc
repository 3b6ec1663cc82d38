#include "probes/dns/dns_rules.h"

#include <algorithm>

#include <fmt/format.h>

namespace lookout {
namespace {

using Records = std::vector<std::string>;

std::optional<std::string> any_matches(const std::vector<Regex>& patterns, const Records& records) {
  for (const Regex& pattern : patterns) {
    for (const std::string& record : records) {
      if (pattern.matches(record)) {
        return fmt::format("record \"{}\" matches fail_if_matches_regexp \"{}\"", record, pattern.pattern());
      }
    }
  }
  return std::nullopt;
}

// The inverse of the key's name and of blackbox_exporter's documentation, and what it does: its tests pin it.
std::optional<std::string> not_all_match(const std::vector<Regex>& patterns, const Records& records) {
  for (const Regex& pattern : patterns) {
    for (const std::string& record : records) {
      if (!pattern.matches(record)) {
        return fmt::format(
            "record \"{}\" does not match fail_if_all_match_regexp \"{}\", which every record must match",
            record, pattern.pattern());
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> any_misses(const std::vector<Regex>& patterns, const Records& records) {
  if (patterns.empty()) return std::nullopt;
  if (records.empty()) return "no records for fail_if_not_matches_regexp";
  for (const Regex& pattern : patterns) {
    for (const std::string& record : records) {
      if (!pattern.matches(record)) {
        return fmt::format("record \"{}\" does not match fail_if_not_matches_regexp \"{}\"", record,
                           pattern.pattern());
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> none_matches(const std::vector<Regex>& patterns, const Records& records) {
  const auto matches_any = [&](const std::string& record) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const Regex& pattern) { return pattern.matches(record); });
  };
  if (patterns.empty() || std::any_of(records.begin(), records.end(), matches_any)) return std::nullopt;
  return fmt::format("none of {} records matches fail_if_none_matches_regexp", records.size());
}

}  // namespace

bool has_rules(const RecordRules& rules) { return rules != RecordRules{}; }

std::optional<std::string> broken_rule(const RecordRules& rules, const Records& records) {
  if (auto broken = any_matches(rules.fail_if_matches_regexp, records)) return broken;
  if (auto broken = not_all_match(rules.fail_if_all_match_regexp, records)) return broken;
  if (auto broken = any_misses(rules.fail_if_not_matches_regexp, records)) return broken;
  return none_matches(rules.fail_if_none_matches_regexp, records);
}

}  // namespace lookout
