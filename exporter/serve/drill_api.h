// Drills over HTTP: POST /api/v1/drills begins one, for those who have shown who they are; GET lists those
// that run and the newest that ended; GET /api/v1/drills/ID tells one, hop by hop.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "exporter/serve/backend.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// {id, target, failure, duration_seconds, by, prometheus_url, alertmanager_url, started, ended, outcome,
// text, incident, recovery, hops[{hop, state, time, seconds, text}]}; what is not known is null.
boost::json::object drill_json(const Drill& drill);

// POST {"target": "shop", "failure": "connect/refused", "duration": "60s", "prometheus_url": "http://...",
// "alertmanager_url": "http://..."}; all but the target may be left out.
Response drills_answer(Backend& backend, const Request& request);
Response drill_answer(Backend& backend, const Request& request, const std::string& id);

}  // namespace lookout
