#include "exporter/serve/http_message.h"

#include <ctime>
#include <iterator>

#include <fmt/format.h>

namespace lookout {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

Response text_response(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = text;
  return response;
}

Response error_response(int status, std::string_view text) {
  Response response = text_response(status, text);
  response.body += '\n';
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  response.compressible = true;
  return response;
}

Response redirect_response(int status, std::string location) {
  Response response = error_response(status, reason_phrase(status));
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

void append_head(std::string& out, const Response& response, const ResponseFraming& framing,
                 std::string_view date) {
  auto end = std::back_inserter(out);
  fmt::format_to(end, FMT_STRING("HTTP/1.1 {} {}\r\nDate: {}\r\n"), response.status,
                 reason_phrase(response.status), date);
  if (!response.content_type.empty()) {
    fmt::format_to(end, FMT_STRING("Content-Type: {}\r\n"), response.content_type);
  }
  for (const auto& [name, value] : response.headers)
    fmt::format_to(end, FMT_STRING("{}: {}\r\n"), name, value);
  if (framing.gzip) out += "Content-Encoding: gzip\r\n";
  if (response.compressible) out += "Vary: Accept-Encoding\r\n";
  if (framing.framing == BodyFraming::length) {
    fmt::format_to(end, FMT_STRING("Content-Length: {}\r\n"), framing.length);
  } else if (framing.framing == BodyFraming::chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  if (framing.close) {
    out += "Connection: close\r\n";
  } else if (!framing.http_1_1) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

std::string http_date(std::int64_t unix_seconds) {
  static constexpr std::string_view kDays[]{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view kMonths[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                     kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace lookout
