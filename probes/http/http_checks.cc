#include "probes/http/http_checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probes/core/text.h"
#include "probes/http/http_cel.h"
#include "probes/net/http_head.h"
#include "probes/net/http_url.h"

namespace lookout {
namespace {

Outcome check_status(const HttpConfig& config, const HttpResponse& response, int redirects) {
  const std::vector<int>& valid = config.valid_status_codes;
  if (is_valid_status(valid, response.status)) return std::nullopt;
  if (redirects > kMaximumRedirects) {
    return Failure{Stage::response, Cause::limit,
                   fmt::format("stopped after {} redirects", kMaximumRedirects)};
  }
  const std::string wanted = valid.empty() ? "200 to 299" : fmt::format("{}", fmt::join(valid, ", "));
  return Failure{Stage::response, Cause::status,
                 fmt::format("HTTP status {}, wanted {}", response.status, wanted)};
}

std::vector<std::string_view> values_of(const HttpResponse& response, std::string_view name) {
  std::vector<std::string_view> values;
  for (const HttpHeader& header : response.headers) {
    if (same_header_name(header.name, name)) values.push_back(header.value);
  }
  return values;
}

Outcome mismatch(std::string detail) { return Failure{Stage::match, Cause::mismatch, std::move(detail)}; }

Outcome check_header(const HttpResponse& response, const HeaderRule& rule, bool wanted) {
  const std::vector<std::string_view> values = values_of(response, rule.header);
  if (values.empty()) {
    if (rule.allow_missing) return std::nullopt;
    return mismatch(fmt::format("the response has no header {}", rule.header));
  }
  const bool found = std::any_of(values.begin(), values.end(),
                                 [&](std::string_view value) { return rule.regexp->matches(value); });
  if (found == wanted) return std::nullopt;
  return mismatch(fmt::format("header {} {} \"{}\"", rule.header, found ? "matches" : "does not match",
                              rule.regexp->pattern()));
}

Outcome check_headers(const HttpConfig& config, const HttpResponse& response) {
  for (const HeaderRule& rule : config.fail_if_header_matches) {
    if (Outcome failure = check_header(response, rule, false)) return failure;
  }
  for (const HeaderRule& rule : config.fail_if_header_not_matches) {
    if (Outcome failure = check_header(response, rule, true)) return failure;
  }
  return std::nullopt;
}

// Whatever the head says of its body, `compression` alone decides, as in blackbox_exporter; there a refused
// body, which is empty, is no gzip.
Outcome check_compression(const HttpConfig& config, bool body_refused) {
  const std::string wanted = lower_case(config.compression);
  const std::string coding = content_coding(config);
  const bool known = !coding.empty() || wanted.empty() || wanted == "identity";
  if (known && !(body_refused && coding == "gzip")) return std::nullopt;
  return Failure{Stage::response, Cause::protocol,
                 known ? "the body of a redirect that is not followed is not read, so it is no gzip"
                       : fmt::format("compression \"{}\" is none of gzip, br, deflate and identity",
                                     config.compression)};
}

bool checks_patterns(const HttpConfig& config) {
  return !config.fail_if_body_matches_regexp.empty() || !config.fail_if_body_not_matches_regexp.empty();
}

// Why there is no whole body to check.
Outcome check_readable(const HttpEnding& ending) {
  if (ending.body_refused)
    return mismatch("the body of a redirect that is not followed is not read, so it cannot be checked");
  return ending.transport;
}

Outcome check_patterns(const HttpConfig& config, const HttpResponse& response) {
  const RegexSubject body(response.body);
  for (const Regex& regex : config.fail_if_body_matches_regexp) {
    if (regex.matches(body)) return mismatch(fmt::format("the body matches \"{}\"", regex.pattern()));
  }
  for (const Regex& regex : config.fail_if_body_not_matches_regexp) {
    if (!regex.matches(body)) return mismatch(fmt::format("the body does not match \"{}\"", regex.pattern()));
  }
  return std::nullopt;
}

Outcome check_version(const HttpConfig& config, const HttpResponse& response) {
  const std::vector<std::string>& valid = config.valid_http_versions;
  if (valid.empty() || std::find(valid.begin(), valid.end(), response.version) != valid.end())
    return std::nullopt;
  return Failure{Stage::response, Cause::protocol,
                 fmt::format("the answer is {}, wanted {}", response.version, fmt::join(valid, " or "))};
}

Outcome check_tls(const HttpConfig& config, bool over_tls) {
  if (over_tls && config.fail_if_ssl) return mismatch("the final response came over TLS");
  if (!over_tls && config.fail_if_not_ssl) return mismatch("the final response did not come over TLS");
  return std::nullopt;
}

struct AcceptItem {
  std::string_view coding;
  double quality = 1;
};

AcceptItem accept_item(std::string_view text) {
  const std::size_t semicolon = text.rfind(';');
  AcceptItem item{trimmed(text.substr(0, semicolon))};
  if (semicolon == std::string_view::npos) return item;
  std::string_view quality = trimmed(text.substr(semicolon + 1));
  if (quality.starts_with("q=")) quality.remove_prefix(2);
  const std::string number(quality);
  char* end = nullptr;
  item.quality = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0') item.quality = 0;
  item.quality = std::round(item.quality * 1000) / 1000;
  return item;
}

}  // namespace

bool is_valid_status(const std::vector<int>& valid, int status) {
  if (valid.empty()) return status >= 200 && status <= 299;
  return std::ranges::find(valid, status) != valid.end();
}

bool checks_body(const HttpConfig& config) { return checks_patterns(config) || checks_json(config); }

bool keeps_body(const HttpConfig& config) {
  return checks_body(config) ||
         std::any_of(config.labels.begin(), config.labels.end(),
                     [](const HttpLabel& label) { return label.body_regexp.has_value(); });
}

bool follows_redirects(const HttpConfig& config) {
  return config.no_follow_redirects ? !*config.no_follow_redirects : config.client.follow_redirects;
}

std::string content_coding(const HttpConfig& config) {
  const std::string coding = lower_case(config.compression);
  constexpr std::array<std::string_view, 3> kKnown{"gzip", "br", "deflate"};
  return std::find(kKnown.begin(), kKnown.end(), coding) == kKnown.end() ? std::string() : coding;
}

HttpJudgement judge_head(const HttpConfig& config, const HttpResponse& response) {
  if (Outcome failure = check_status(config, response, 0)) return {failure, false, false};
  if (Outcome failure = check_headers(config, response)) return {failure, true, false};
  const bool patterns = checks_patterns(config);
  return {std::nullopt, patterns, !patterns && checks_json(config)};
}

HttpJudgement judge(const HttpConfig& config, const HttpResponse& response, const HttpEnding& ending) {
  if (Outcome failure = check_status(config, response, ending.redirects)) return {failure, false, false};
  if (Outcome failure = check_headers(config, response)) return {failure, true, false};
  if (Outcome failure = check_compression(config, ending.body_refused)) return {failure, false, false};
  if (checks_body(config)) {
    const bool patterns = checks_patterns(config);
    if (Outcome failure = check_readable(ending)) return {failure, patterns, !patterns};
    if (Outcome failure = check_patterns(config, response)) return {failure, true, false};
    if (Outcome failure = ending.json ? check_json(config, *ending.json) : std::nullopt)
      return {failure, false, true};
  }
  if (ending.transport) return {ending.transport, false, false};
  if (!ending.body_refused) {
    if (Outcome failure = check_version(config, response)) return {failure, false, false};
  }
  return {check_tls(config, ending.over_tls), false, false};
}

// Of the items that name the coding, the one of the best quality decides; so one that is not refused is
// enough.
bool accept_encoding_admits(std::string_view header, std::string_view coding) {
  if (header.empty() || coding.empty()) return true;
  while (true) {
    const std::size_t comma = header.find(',');
    const AcceptItem item = accept_item(header.substr(0, comma));
    if ((item.coding == coding || item.coding == "*") && item.quality > 0) return true;
    if (comma == std::string_view::npos) return false;
    header.remove_prefix(comma + 1);
  }
}

}  // namespace lookout
