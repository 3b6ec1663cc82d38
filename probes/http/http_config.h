// blackbox_exporter's `http:` block.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probes/match/cel.h"
#include "probes/match/regex.h"
#include "probes/net/http_client_config.h"
#include "probes/net/network_options.h"

namespace lookout {

struct HeaderRule {
  std::string header;
  std::optional<Regex> regexp;
  bool allow_missing = false;
  bool operator==(const HeaderRule&) const = default;
};

// Takes a value out of the response: `value`, a template for what one of the patterns found.
struct HttpLabel {
  std::string name;
  std::string value = "$1";
  std::optional<Regex> body_regexp;
  std::string header;
  std::optional<Regex> regexp;  // for the header's value
  bool operator==(const HttpLabel&) const = default;
};

struct HttpConfig {
  NetworkOptions network;
  std::vector<int> valid_status_codes;  // empty: 200 to 299
  std::vector<std::string> valid_http_versions;
  std::string method;
  std::map<std::string, std::string> headers;
  std::string body, body_file;
  ByteSize body_size_limit;  // zero: none of the user's own
  std::string compression;
  std::optional<bool> no_follow_redirects;
  bool fail_if_ssl = false, fail_if_not_ssl = false;
  std::vector<Regex> fail_if_body_matches_regexp, fail_if_body_not_matches_regexp;
  std::vector<HeaderRule> fail_if_header_matches, fail_if_header_not_matches;
  std::optional<Cel> fail_if_body_json_matches_cel, fail_if_body_json_not_matches_cel;
  std::vector<HttpLabel> labels;  // beyond blackbox_exporter
  bool enable_http3 = false;
  bool skip_resolve_phase_with_proxy = false;
  HttpClientConfig client;
  bool operator==(const HttpConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, HeaderRule& rule) {
  v.field("header", rule.header, "Header name");
  v.field("regexp", rule.regexp, "RE2 pattern for its value");
  v.field("allow_missing", rule.allow_missing, "Whether an absent header is well");
}
void validate(const HeaderRule& rule, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, HttpLabel& label) {
  v.field("name", label.name, "Name of the label");
  v.field("value", label.value, "Its value, with $1 for what the pattern's first group found (the default)");
  v.field("body_regexp", label.body_regexp, "RE2 pattern for the body");
  v.field("header", label.header, "Header name");
  v.field("regexp", label.regexp, "RE2 pattern for the header's value");
}
void validate(const HttpLabel& label, ConfigReader& reader);

template <class Visitor>
void describe(Visitor& v, HttpConfig& config) {
  describe_inline(v, config.network);
  v.field("valid_status_codes", config.valid_status_codes,
          "Status codes that are well; 200 to 299 unless set");
  v.field("valid_http_versions", config.valid_http_versions, "HTTP/1.0, HTTP/1.1, HTTP/2.0, HTTP/3.0");
  v.field("method", config.method, "GET unless set");
  v.field("headers", config.headers, "Request headers");
  v.field("body", config.body, "Request body");
  v.field("body_file", config.body_file, "The same from a file, read at each probe");
  v.field("body_size_limit", config.body_size_limit, "Largest body that is well, e.g. 1MB");
  v.field("compression", config.compression, "gzip, br, deflate or identity");
  v.field("no_follow_redirects", config.no_follow_redirects, "Old name of follow_redirects, negated");
  v.field("fail_if_ssl", config.fail_if_ssl, "Fails if the final response came over TLS");
  v.field("fail_if_not_ssl", config.fail_if_not_ssl, "Fails unless the final response came over TLS");
  v.field("fail_if_body_matches_regexp", config.fail_if_body_matches_regexp, "Fails if the body matches any");
  v.field("fail_if_body_not_matches_regexp", config.fail_if_body_not_matches_regexp,
          "Fails unless the body matches all");
  v.field("fail_if_header_matches", config.fail_if_header_matches, "Fails if a header matches");
  v.field("fail_if_header_not_matches", config.fail_if_header_not_matches, "Fails unless a header matches");
  v.field("fail_if_body_json_matches_cel", config.fail_if_body_json_matches_cel,
          "Fails if this CEL expression over the JSON value body is true");
  v.field("fail_if_body_json_not_matches_cel", config.fail_if_body_json_not_matches_cel,
          "Fails unless this CEL expression over the JSON value body is true");
  v.field("enable_http3", config.enable_http3,
          "Speak HTTP/3 and nothing else; refused where the system's libcurl lacks it");
  v.field("skip_resolve_phase_with_proxy", config.skip_resolve_phase_with_proxy, "Let the proxy resolve");
  describe_inline(v, config.client);
  v.field("labels", config.labels, "What of the response becomes labels of probe_expect_info");
}
void validate(const HttpConfig& config, ConfigReader& reader);

}  // namespace lookout
