#include "exporter/incident/incident.h"

#include <ctime>

#include <fmt/format.h>

namespace lookout {
namespace {

// FNV-1a: the same on every machine and in every build.
std::uint32_t stable_hash(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const unsigned char byte : text) hash = (hash ^ byte) * 16777619U;
  return hash;
}

}  // namespace

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
