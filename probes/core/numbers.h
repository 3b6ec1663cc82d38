// Numbers as Prometheus' own libraries write them: the fewest digits that read back as the same number, an
// exponent of at least two digits below 1e-4 and from 1e6 on, and NaN, +Inf, -Inf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace lookout {

// Room that a number needs at most.
inline constexpr std::size_t kLongestNumber = 32;

// Write at `to`, which has room, and return the end.
char* write_number(char* to, double value);
// Counts, in full.
char* write_number(char* to, std::uint64_t value);

void append_number(std::string& out, double value);
// OpenMetrics wants a label `le` to look like a float: 1.0 rather than 1.
void append_canonical(std::string& out, double value);

}  // namespace lookout
