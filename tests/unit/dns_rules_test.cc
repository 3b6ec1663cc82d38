#include "probes/dns/dns_rules.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

using Patterns = std::vector<std::string>;

std::vector<Regex> compile(const Patterns& patterns) {
  std::vector<Regex> compiled;
  for (const std::string& pattern : patterns) {
    std::string error;
    auto regex = Regex::compile(pattern, error);
    EXPECT_TRUE(regex) << error;
    if (regex) compiled.push_back(*regex);
  }
  return compiled;
}

struct Row {
  Patterns matches, all_match, not_matches, none_matches;
  std::vector<std::string> records;
  bool broken;
};

const std::vector<std::string> kNone, kOne{"a 3600"}, kTwo{"a 3600", "b 7200"};

const Row kRows[] = {
    {{}, {}, {}, {}, kNone, false},
    {{}, {}, {}, {}, kTwo, false},
    // any record, any pattern
    {{"7200"}, {}, {}, {}, kTwo, true},
    {{"x", "^b"}, {}, {}, {}, kTwo, true},
    {{"7200"}, {}, {}, {}, kOne, false},
    {{".*"}, {}, {}, {}, kNone, false},
    // the inverted one: passes only if all match all, or without records
    {{}, {"00"}, {}, {}, kTwo, false},
    {{}, {"3600"}, {}, {}, kTwo, true},
    {{}, {"00", "^a"}, {}, {}, kTwo, true},
    {{}, {"x"}, {}, {}, kNone, false},
    // every record must match every pattern, and there must be one
    {{}, {}, {"00"}, {}, kTwo, false},
    {{}, {}, {"00", "a"}, {}, kTwo, true},
    {{}, {}, {".*"}, {}, kNone, true},
    // some record must match some pattern
    {{}, {}, {}, {"x", "7200"}, kTwo, false},
    {{}, {}, {}, {"x", "y"}, kTwo, true},
    {{}, {}, {}, {".*"}, kNone, true},
};

TEST(DnsRules, hold_or_break) {
  int number = 0;
  for (const Row& row : kRows) {
    const RecordRules rules{compile(row.matches), compile(row.all_match), compile(row.not_matches),
                            compile(row.none_matches)};
    const auto broken = broken_rule(rules, row.records);
    EXPECT_EQ(broken.has_value(), row.broken) << "row " << number << ": " << broken.value_or("holds");
    const bool any = !row.matches.empty() || !row.all_match.empty() || !row.not_matches.empty() ||
                     !row.none_matches.empty();
    EXPECT_EQ(has_rules(rules), any) << "row " << number;
    ++number;
  }
}

TEST(DnsRules, the_reason_names_record_and_rule) {
  RecordRules rules;
  rules.fail_if_matches_regexp = compile({"7200"});
  EXPECT_EQ(broken_rule(rules, kTwo), "record \"b 7200\" matches fail_if_matches_regexp \"7200\"");
}

}  // namespace
}  // namespace lookout
