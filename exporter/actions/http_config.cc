#include "exporter/actions/http_config.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "exporter/actions/exec_config.h"
#include "probes/core/text.h"
#include "probes/net/http_head.h"

namespace lookout {
namespace {

// Of the connection and of the body's length, which are the transfer's own business.
bool frames(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames{"Connection", "Content-Length",    "Expect",
                                                   "Trailer",    "Transfer-Encoding", "Upgrade"};
  return std::ranges::any_of(kNames, [name](std::string_view each) { return same_header_name(each, name); });
}

void validate_headers(const HttpAction& action, ConfigReader& reader) {
  for (const auto& [name, value] : action.headers) {
    if (!is_token(name)) reader.problem("headers", fmt::format("{} is no header name", in_quotes(name)));
    if (!is_header_value(value.value))
      reader.problem("headers", fmt::format("the value of {} must be a single line", name));
    if (frames(name)) reader.problem("headers", fmt::format("header {} cannot be set; leave it out", name));
  }
}

}  // namespace

void validate(const HttpAction& action, ConfigReader& reader) {
  if (action.url.empty()) reader.problem("url", "url: write where the request goes");
  if (!is_token(action.method)) {
    reader.problem("method",
                   fmt::format("{} is no HTTP method; write GET, POST, PUT, ...", in_quotes(action.method)));
  }
  validate_headers(action, reader);
  if (!action.body.value.empty() && !action.body_file.empty())
    reader.problem("body_file", "write body or body_file, not both");
  for (const int status : action.valid_status_codes) {
    if (status < 200 || status > 599)
      reader.problem("valid_status_codes", fmt::format("{} is no status; write 200 to 599", status));
  }
  if (action.retries < 0 || action.retries > HttpAction::kMaximumRetries)
    reader.problem("retries", fmt::format("retries: write 0 to {}", HttpAction::kMaximumRetries));
  if (reader.has("follow_redirects") && action.client.follow_redirects) {
    reader.problem("follow_redirects",
                   "an action follows no redirect, which may lead anywhere; write the url that does it");
  }
  validate_action_timeout(action.timeout, reader);
  validate(action.client, reader);
}

}  // namespace lookout
