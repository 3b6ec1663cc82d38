// A request and a response as values: what routes read and return. Knows nothing of sockets, of parsing or of
// compression.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lookout {

struct Request {
  std::string method;  // as sent; methods are case-sensitive (RFC 9110 section 9.1)
  std::string
      path;  // still percent-encoded, begins with a slash; an absolute-form target has lost scheme and host
  std::string query;  // after the first question mark, still encoded
  std::string accept, accept_encoding, authorization, content_type;
  std::optional<std::string> scrape_timeout;  // X-Prometheus-Scrape-Timeout-Seconds
  std::string body;
  bool http_1_1 = true;
  bool keep_alive = true;      // what the client wants
  bool authenticated = false;  // the web configuration demands a proof of who it is, and it was given
  std::string user;            // then: for records, the name that was proven, or by what
};

// A body that is made while it is sent. Appends a piece (some 64 KiB, or nothing) to `out`; false: that was
// the last. append.
using BodyStream = std::function<bool(std::string& out)>;

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  BodyStream stream;  // when set, follows `body`
  std::vector<std::pair<std::string_view, std::string>>
      headers;                // beyond those that the server writes itself
  bool compressible = false;  // may be sent gzipped
};

std::string_view reason_phrase(int status);

// text/plain with a newline at the end and X-Content-Type-Options: nosniff.
Response error_response(int status, std::string_view text);
Response text_response(int status, std::string_view text);
// With X-Content-Type-Options: nosniff, to be sent gzipped where that is asked for.
Response json_response(int status, std::string body);
Response redirect_response(int status, std::string location);

enum class BodyFraming { length, chunked, until_close };

struct ResponseFraming {
  BodyFraming framing = BodyFraming::length;
  std::uint64_t length = 0;
  bool gzip = false;
  bool close = false;
  bool http_1_1 = true;  // the request's version: a 1.0 client must be told that the connection stays
};

// Appends status line and header section. `date`: an IMF-fixdate.
void append_head(std::string& out, const Response& response, const ResponseFraming& framing,
                 std::string_view date);

// "Mon, 23 Nov 2026 08:26:10 GMT" (RFC 9110 section 5.6.7)
std::string http_date(std::int64_t unix_seconds);

}  // namespace lookout
