// The scalar types of the configuration, beyond what C++ has, and how durations and sizes are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probes/core/clock.h"

namespace lookout {

// Shown as <secret> wherever a configuration is printed.
struct Secret {
  std::string value;
  bool operator==(const Secret&) const = default;
};

// Bytes, written with a mandatory unit as blackbox_exporter has it: B KB KiB MB MiB GB GiB ..., all powers of
// 1024.
struct ByteSize {
  std::int64_t bytes = 0;
  bool operator==(const ByteSize&) const = default;
};

// Go's syntax: numbers with units (ns us ms s m h) in a row, a sign before them; "0" alone needs no unit.
// nullopt: not of that form, or beyond 292 years.
std::optional<Duration> parse_duration(std::string_view text);
std::string print_duration(Duration duration);  // 1m30s, 300ms, 1.5s, 0s: what parse_duration() reads

// Numbers with units in a row: 1MB, 1.5GiB, 1GiB512MiB; "0" alone needs no unit. A negative size means
// unlimited.
std::optional<ByteSize> parse_byte_size(std::string_view text);
std::string print_byte_size(ByteSize size);

}  // namespace lookout
