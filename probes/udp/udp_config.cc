#include "probes/udp/udp_config.h"

#include <algorithm>

namespace lookout {

bool listens(const UdpConfig& config) {
  return std::ranges::any_of(config.query_response, [](const QueryResponse& step) {
    return step.expect.has_value() || !step.expect_bytes.empty();
  });
}

void validate(const UdpConfig& config, ConfigReader& reader) {
  if (!listens(config)) {
    reader.problem(
        "query_response",
        "without an answer nothing is known of a UDP service; write a step with expect or expect_bytes");
  }
  for (const QueryResponse& step : config.query_response) {
    if (step.starttls) reader.problem("query_response", "starttls needs a connection, which UDP has not");
  }
}

}  // namespace lookout
