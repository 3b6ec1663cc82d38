// /api/v1/targets: what the book knows, as JSON. Times are RFC 3339 in UTC, durations seconds. Passwords in
// addresses are masked.
#pragma once

#include "exporter/incident/book.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// {"targets": [...]}, streamed; with "shard": {index, count, left_out} where there are several.
Response targets_json(const Config& config, const Book& book);
Response target_json(const TargetRecord& record);

}  // namespace lookout
