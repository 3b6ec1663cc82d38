#include "probes/dialogue/query_response.h"

namespace lookout {

void validate(const QueryResponse& step, ConfigReader& reader) {
  if (step.expect && !step.expect_bytes.empty()) {
    reader.problem("expect_bytes", "write expect or expect_bytes, not both: use two steps");
  }
}

}  // namespace lookout
