// What heads of HTTP are made of; reads a response's line by line as libcurl hands it over (HTTP/2 heads too:
// it spells them like HTTP/1). Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace lookout {

struct HttpResponse;

// Header names are compared without regard to letter case (RFC 9110 section 5.1).
bool same_header_name(std::string_view one, std::string_view other);
// RFC 9110 section 5.6.2: what a method or a header's name is made of.
bool is_token(std::string_view text);
// Whether it stays on its line.
bool is_header_value(std::string_view text);
// Whether the only mark of the body's end is the end of the connection (RFC 9112 section 6.3), so that a cut
// looks like an end.
bool body_ends_with_connection(const HttpResponse& response);

class HttpHeadReader {
 public:
  enum class State { reading, complete, too_large, contradictory };

  explicit HttpHeadReader(std::size_t limit) : limit_(limit) {}

  // Takes one line with its end. `complete` comes once, with the empty line of the final head; what follows
  // is a trailer and is dropped, as are interim heads (1xx but 101). `contradictory`: with several lengths
  // (RFC 9112 section 6.3); the response stays without a status.
  State take(std::string_view line, HttpResponse& response);

 private:
  void take_status_line(std::string_view line, HttpResponse& response);
  void take_field(std::string_view line, HttpResponse& response);

  std::size_t limit_;
  std::size_t size_ = 0;
  int status_ = 0;  // of the head being read, which may be an interim one
  bool complete_ = false;
};

}  // namespace lookout
