#include "probes/icmp/icmp_config.h"

#include <fmt/format.h>

namespace lookout {
namespace {

constexpr int kMaximumCount = 100;
constexpr Duration kLeastInterval = std::chrono::milliseconds(1);

}  // namespace

void validate(const IcmpConfig& config, ConfigReader& reader) {
  if (config.ttl < 0)
    reader.problem("ttl", "\"ttl\" cannot be negative; write 0 for the system's default, or 1 to 255");
  if (config.ttl > 255) reader.problem("ttl", "\"ttl\" cannot exceed 255");
  if (config.payload_size < 0) {
    reader.problem("payload_size",
                   "\"payload_size\" cannot be negative; write 0 for the default of 28 bytes");
  }
  if (config.count < 1 || config.count > kMaximumCount) {
    reader.problem("count",
                   fmt::format("\"count\" is out of range; write 1 (the default) to {}", kMaximumCount));
  }
  if (config.interval < kLeastInterval)
    reader.problem("interval", "\"interval\" is too short; write at least 1ms");
  if (config.max_loss && (!(*config.max_loss >= 0) || *config.max_loss >= 1)) {
    reader.problem("max_loss",
                   "\"max_loss\" is a ratio below 1; write e.g. 0.4 for two lost of five, or 0 for none");
  }
}

}  // namespace lookout
