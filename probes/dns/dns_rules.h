// The rules that the records of a section must satisfy, with blackbox_exporter's meaning of each. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/dns/dns_config.h"

namespace lookout {

bool has_rules(const RecordRules& rules);

// What is broken, for people; nullopt: nothing. `records` are in presentation format.
std::optional<std::string> broken_rule(const RecordRules& rules, const std::vector<std::string>& records);

}  // namespace lookout
