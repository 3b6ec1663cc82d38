#include "probes/net/http_header_lines.h"

#include <algorithm>
#include <array>
#include <new>

#include <fmt/format.h>

#include "probes/net/http_head.h"

namespace lookout {
namespace {

bool prescribes(const HttpRequest& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [name](const HttpHeader& header) { return same_header_name(header.name, name); });
}

// RFC 9113 section 8.2.2: these belong to a connection of HTTP/1 and make an HTTP/2 request malformed.
bool only_http1(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"Connection", "Keep-Alive", "Proxy-Connection",
                                                   "Transfer-Encoding", "Upgrade"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view each) { return same_header_name(each, name); });
}

}  // namespace

void HeaderLines::add(std::string_view name, std::string_view value) {
  // "Name:" without a value would mean to leave the header out.
  append(value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value));
}

void HeaderLines::leave_out(std::string_view name) { append(fmt::format("{}:", name)); }

void HeaderLines::append(const std::string& line) {
  curl_slist* longer = curl_slist_append(lines_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(lines_.release());
  lines_.reset(longer);
}

HeaderLines header_lines(const HttpRequest& request, bool framed) {
  HeaderLines lines;
  lines.add("Host", request.host);
  // libcurl takes the scheme from its URL, which says http because the TLS is ours; a line with this name
  // wins over it.
  if (framed) lines.add(":scheme", "https");
  for (const HttpHeader& header : request.headers) {
    if (!framed || !only_http1(header.name)) lines.add(header.name, header.value);
  }
  // What libcurl would add by itself.
  for (std::string_view name : {"Accept", "Expect", "Content-Type", "Accept-Encoding", "User-Agent"}) {
    if (!prescribes(request, name)) lines.leave_out(name);
  }
  if (!framed && !prescribes(request, "Connection")) lines.add("Connection", "close");
  return lines;
}

}  // namespace lookout
