// The scalar types of the configuration, beyond what C++ has.
#pragma once

#include <cstdint>
#include <string>

#include "probes/core/clock.h"

namespace lookout {

// Shown as <secret> wherever a configuration is printed.
struct Secret {
  std::string value;
  bool operator==(const Secret&) const = default;
};

// Bytes, written with a mandatory unit as blackbox_exporter has it: B KB KiB MB MiB GB GiB ..., all powers of 1024.
struct ByteSize {
  std::int64_t bytes = 0;
  bool operator==(const ByteSize&) const = default;
};

}  // namespace lookout
