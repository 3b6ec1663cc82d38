#include "probes/http/http_config.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "probes/core/config_rules.h"
#include "probes/core/text.h"
#include "probes/http/http_checks.h"
#include "probes/net/http_head.h"
#include "probes/net/http_quic.h"
#include "probes/net/http_url.h"

namespace lookout {
namespace {

void validate_headers(const HttpConfig& config, ConfigReader& reader) {
  for (const auto& [name, value] : config.headers) {
    if (!is_token(name)) reader.problem("headers", fmt::format("\"{}\" is no header name", name));
    if (!is_header_value(value))
      reader.problem("headers", fmt::format("the value of {} must be a single line", name));
    if (same_header_name(name, "Accept-Encoding") && !accept_encoding_admits(value, config.compression)) {
      reader.problem("headers", fmt::format("header {}: {} does not admit compression {}", name, value,
                                            config.compression));
    }
  }
}

void validate_body(const HttpConfig& config, ConfigReader& reader) {
  if (!config.body.empty() && !config.body_file.empty())
    reader.problem("body_file", "write body or body_file, not both");
  if (!config.method.empty() && !is_token(config.method)) {
    reader.problem("method",
                   fmt::format("\"{}\" is no HTTP method; write GET, HEAD, POST, ...", config.method));
  }
}

void validate_versions(const HttpConfig& config, ConfigReader& reader) {
  const auto lists = [&](std::string_view version) {
    return std::ranges::find(config.valid_http_versions, version) != config.valid_http_versions.end();
  };
  if (!config.enable_http3) {
    if (lists("HTTP/3.0")) {
      reader.problem("valid_http_versions",
                     "HTTP/3.0 is never spoken without enable_http3; list HTTP/1.0, HTTP/1.1, HTTP/2.0");
    }
    return;
  }
  if (lists("HTTP/2.0") || lists("HTTP/1.1")) {
    reader.problem("valid_http_versions",
                   "with enable_http3 nothing but HTTP/3.0 is spoken; list HTTP/3.0 alone");
  }
  if (config.client.enable_http2)
    reader.problem("enable_http3", "enable_http3 excludes HTTP/2; write enable_http2: false, too");
  if (!speaks_http3()) {
    reader.problem(
        "enable_http3",
        "HTTP/3 is not spoken here: the system's libcurl lacks it (curl --version lists HTTP3 where it "
        "does not); remove it");
  }
}

void validate_labels(const HttpConfig& config, ConfigReader& reader) {
  std::set<std::string> names;
  for (const HttpLabel& label : config.labels) {
    if (!label.name.empty() && !names.insert(label.name).second)
      reader.problem("labels", fmt::format("two labels have the name {}", in_quotes(label.name)));
  }
}

}  // namespace

void validate(const HeaderRule& rule, ConfigReader& reader) {
  if (rule.header.empty()) reader.problem("header", "name the header that the rule is about");
  if (!rule.regexp || rule.regexp->pattern().empty())
    reader.problem("regexp", "write a pattern for the header's value");
}

void validate(const HttpLabel& label, ConfigReader& reader) {
  if (!is_label_name(label.name) || label.name.starts_with("__")) {
    reader.problem("name", fmt::format("{} is no name of a label; write letters, digits and underscores",
                                       in_quotes(label.name)));
  }
  allow_one(reader, {{"body_regexp", label.body_regexp.has_value()}, {"regexp", label.regexp.has_value()}});
  if (!label.body_regexp && !label.regexp)
    reader.problem("body_regexp", "write body_regexp, or header and regexp, to say where the value is");
  if (label.regexp && label.header.empty()) reader.problem("header", "name the header that regexp is about");
  if (!label.regexp && !label.header.empty())
    reader.problem("regexp", "write regexp, the pattern for the header's value");
}

void validate(const HttpConfig& config, ConfigReader& reader) {
  validate_headers(config, reader);
  validate_body(config, reader);
  validate_versions(config, reader);
  validate_labels(config, reader);
  validate(config.client, reader);
}

}  // namespace lookout
