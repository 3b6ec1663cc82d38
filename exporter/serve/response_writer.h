// Sends one response: framing, compression, and pieces of a stream with room for others between them. Main
// loop.
#pragma once

#include "exporter/serve/connection.h"
#include "exporter/serve/http_message.h"

namespace lookout {

// false: the client is gone or too slow, and the connection is of no more use.
Task<bool> write_response(ServerShared& shared, Connection& connection, const Request& request,
                          Response response, bool close);

}  // namespace lookout
