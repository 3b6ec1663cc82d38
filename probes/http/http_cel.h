// The checks of a JSON body by CEL expressions. The body is read in slices, so that a large one does not hold
// up its loop; the rest is pure.
#pragma once

#include "probes/core/failure.h"
#include "probes/core/task.h"
#include "probes/http/http_config.h"
#include "probes/match/json_body.h"

namespace lookout {

bool checks_json(const HttpConfig& config);

// The body must outlive the task.
Task<cel::Result<cel::Value>> read_json(std::string_view body);

// As blackbox_exporter has it, an expression that fails or is neither true nor false fails both checks.
//   match/limit   too large, too deep or too much work
Outcome check_json(const HttpConfig& config, const cel::Result<cel::Value>& body);

}  // namespace lookout
