// Recovery from outside: what it may do and did (/api/v1/recovery), a person's approval
// (POST /api/v1/attempts/ID/approve), an alert's request (POST /api/v1/alertmanager). All that changes
// something is for those who have shown who they are.
#pragma once

#include <string>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// GET: mode, what bounds it, the newest attempts. POST {"mode": "observe"}: a bound that lasts; "auto" ends
// it.
Response recovery_answer(Backend& backend, const Request& request);
// `rest`: ID/approve.
Response attempt_answer(Backend& backend, const Request& request, const std::string& rest);
// Alertmanager's webhook, version 4: each firing alert with a label `target` asks for that target's plan.
// One of a drill asks for nothing, and tells the drill that it has arrived.
Response alertmanager_answer(Backend& backend, const Request& request);

}  // namespace lookout
