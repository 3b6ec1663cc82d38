#include "probes/icmp/icmp_config.h"

namespace lookout {

void validate(const IcmpConfig& config, ConfigReader& reader) {
  if (config.ttl < 0)
    reader.problem("ttl", "\"ttl\" cannot be negative; write 0 for the system's default, or 1 to 255");
  if (config.ttl > 255) reader.problem("ttl", "\"ttl\" cannot exceed 255");
  if (config.payload_size < 0) {
    reader.problem("payload_size",
                   "\"payload_size\" cannot be negative; write 0 for the default of 28 bytes");
  }
}

}  // namespace lookout
