#include "probes/net/http_headers_config.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probes/net/http_head.h"
#include "probes/net/http_transfers.h"
#include "probes/net/secret_file.h"

namespace lookout {
namespace {

bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 18> kNames{"Authorization",
                                                    "Host",
                                                    "Content-Encoding",
                                                    "Content-Length",
                                                    "Content-Type",
                                                    "User-Agent",
                                                    "Connection",
                                                    "Keep-Alive",
                                                    "Proxy-Authenticate",
                                                    "Proxy-Authorization",
                                                    "Www-Authenticate",
                                                    "Accept-Encoding",
                                                    "X-Prometheus-Remote-Write-Version",
                                                    "X-Prometheus-Remote-Read-Version",
                                                    "X-Prometheus-Scrape-Timeout-Seconds",
                                                    "X-Amz-Date",
                                                    "X-Amz-Security-Token",
                                                    "X-Amz-Content-Sha256"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view each) { return same_header_name(each, name); });
}

}  // namespace

void validate_http_headers(const HttpHeadersConfig& headers, ReservedHeaders reserved, std::string_view key,
                           ConfigReader& reader) {
  for (const auto& [name, header] : headers) {
    if (!is_token(name)) reader.problem(key, fmt::format("\"{}\" is no header name", name));
    if (reserved == ReservedHeaders::refused && is_reserved(name)) {
      reader.problem(key, fmt::format("header {} cannot be set here; write it in headers", name));
    }
    const bool single_lines = std::all_of(header.values.begin(), header.values.end(),
                                          [](const std::string& value) { return is_header_value(value); }) &&
                              std::all_of(header.secrets.begin(), header.secrets.end(),
                                          [](const Secret& secret) { return is_header_value(secret.value); });
    if (!single_lines) reader.problem(key, fmt::format("each value of {} must be a single line", name));
  }
}

Attempt<std::vector<HttpHeader>> read_http_headers(const ProbeRun& run, const HttpHeadersConfig& headers) {
  std::vector<HttpHeader> read;
  for (const auto& [name, header] : headers) {
    for (const std::string& value : header.values) read.push_back({name, value});
    for (const Secret& secret : header.secrets) read.push_back({name, secret.value});
    for (const std::string& path : header.files) {
      Attempt<std::string> value = read_secret_file(run, path);
      if (!value) return value.error();
      read.push_back({name, std::move(*value)});
    }
  }
  return read;
}

}  // namespace lookout
