// The first page, for people: all targets with their states, and the newest probes on request. HTML without
// scripts; everything that comes from outside is escaped.
#pragma once

#include "exporter/incident/book.h"
#include "exporter/serve/history.h"
#include "exporter/serve/http_message.h"

namespace lookout {

Response status_page(const Book& book, const History& history);

}  // namespace lookout
