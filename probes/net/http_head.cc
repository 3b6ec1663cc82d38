#include "probes/net/http_head.h"

#include <algorithm>
#include <charconv>

#include "probes/core/text.h"
#include "probes/net/http_transfers.h"

namespace lookout {
namespace {

// RFC 9112 section 6.3: the same length may be said several times, and chunks have none.
bool lengths_agree(const HttpResponse& response) {
  std::optional<std::string_view> length;
  for (const HttpHeader& header : response.headers) {
    if (!same_header_name(header.name, "Content-Length")) continue;
    std::string_view left = header.value;
    for (bool more = true; more;) {
      const std::size_t comma = left.find(',');
      const std::string_view each = trimmed(left.substr(0, comma));
      if (length && *length != each) return response.find("Transfer-Encoding") != nullptr;
      length = each;
      more = comma != std::string_view::npos;
      if (more) left.remove_prefix(comma + 1);
    }
  }
  return true;
}

}  // namespace

bool same_header_name(std::string_view one, std::string_view other) { return same_word(one, other); }

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_header_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool body_ends_with_connection(const HttpResponse& response) {
  const bool bodiless = response.status == 101 || response.status == 204 || response.status == 304;
  return !bodiless && response.version.starts_with("HTTP/1") && response.find("Content-Length") == nullptr &&
         response.find("Transfer-Encoding") == nullptr;
}

HttpHeadReader::State HttpHeadReader::take(std::string_view line, HttpResponse& response) {
  if (complete_) return State::reading;
  size_ += line.size();
  if (size_ > limit_) return State::too_large;
  if (line.starts_with("HTTP/")) {
    take_status_line(line, response);
    return State::reading;
  }
  if (!trimmed(line).empty()) {
    take_field(line, response);
    return State::reading;
  }
  if (status_ < 200 && status_ != 101) return State::reading;
  complete_ = true;
  if (!lengths_agree(response)) return State::contradictory;
  response.status = status_;
  return State::complete;
}

void HttpHeadReader::take_status_line(std::string_view line, HttpResponse& response) {
  const std::size_t space = std::min(line.find(' '), line.size());
  response.version = line.substr(0, space);
  if (response.version == "HTTP/2") response.version = "HTTP/2.0";
  if (response.version == "HTTP/3") response.version = "HTTP/3.0";
  response.headers.clear();
  const std::string_view code = trimmed(line.substr(space)).substr(0, 3);
  status_ = 0;
  std::from_chars(code.data(), code.data() + code.size(), status_);
}

void HttpHeadReader::take_field(std::string_view line, HttpResponse& response) {
  const bool continues = line.front() == ' ' || line.front() == '\t';  // RFC 9112 section 5.2
  if (continues && !response.headers.empty()) {
    response.headers.back().value.append(" ").append(trimmed(line));
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  response.headers.push_back(
      {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
}

}  // namespace lookout
