// Numbers as Prometheus' own libraries write them: the fewest digits that read back as the same number, an
// exponent of at least two digits below 1e-4 and from 1e6 on, and NaN, +Inf, -Inf.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>

namespace lookout {

void append_number(std::string& out, double value);
// Counts, in full.
void append_number(std::string& out, std::uint64_t value);
// OpenMetrics wants a label `le` to look like a float: 1.0 rather than 1.
void append_canonical(std::string& out, double value);

}  // namespace lookout
