// A hash that is the same on every machine and in every build, for what must land in the same place again.
#pragma once

#include <cstdint>
#include <string_view>

namespace lookout {

// FNV-1a, finished as SplitMix64 does it: texts that differ in one digit land far apart.
inline std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t value = 0xcbf29ce484222325ULL ^ seed;
  for (const char character : text)
    value = (value ^ static_cast<unsigned char>(character)) * 0x100000001b3ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace lookout
