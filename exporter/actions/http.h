// Sends one HTTP request and goes by the status of its answer. Once something was sent and no answer came,
// the end is not known; only methods that may be repeated by their definition (RFC 9110 section 9.2.2) are
// then tried again.
#pragma once

#include "exporter/actions/action.h"

namespace lookout {

struct HttpAction;  // exporter/actions/http_config.h

// Tells the other side the attempt's id as Idempotency-Key, unless `headers` has one.
Task<ActionResult> run_http(const HttpAction& action, const ActionCause& cause, ActionRun& run);

}  // namespace lookout
