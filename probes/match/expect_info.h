// What a kind takes out of what it received, for people and rules: the labels of one metric. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "probes/core/fact.h"

namespace lookout {

inline constexpr FactFamily kExpectInfo{"probe_expect_info", "Labels taken from what the peer sent"};

// The labels of kExpectInfo from names and values. Names that are none are made ones by Prometheus' own rule;
// of two with the same name the last counts.
std::string expect_labels(const std::vector<std::pair<std::string, std::string>>& named);

}  // namespace lookout
