#include "probes/net/http_client_config.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "probes/core/config_rules.h"
#include "probes/core/text.h"
#include "probes/net/http_head.h"
#include "probes/net/http_proxy.h"
#include "probes/net/http_url.h"

namespace lookout {
namespace {

namespace json = boost::json;

// As YAML reads words without quotes.
json::value scalar_value(const YamlNode& node) {
  const std::string& text = node.scalar();
  if (node.quoted()) return json::string(text);
  if (text == "true" || text == "false") return text == "true";
  boost::system::error_code error;
  json::value number = json::parse(text, error);
  if (!error && number.is_number()) return number;
  return json::string(text);
}

json::value any_value(const YamlNode& node) {
  switch (node.kind()) {
    case YamlNode::Kind::null:
      break;
    case YamlNode::Kind::scalar:
      return scalar_value(node);
    case YamlNode::Kind::sequence: {
      json::array items;
      for (const YamlNode& item : node.items()) items.push_back(any_value(item));
      return items;
    }
    case YamlNode::Kind::mapping: {
      json::object entries;
      for (const auto& [key, value] : node.entries()) entries[key.scalar()] = any_value(value);
      return entries;
    }
  }
  return nullptr;
}

// RFC 3986 section 4.2: no path begins with a colon in its first segment, so an address and a port are no
// URL.
bool begins_with_port(std::string_view text) {
  return text.substr(0, text.find_first_of("/?#")).find(':') != std::string_view::npos && !names_host(text);
}

void validate_connect_header(const ProxyConfig& proxy, ConfigReader& reader) {
  for (const auto& [name, values] : proxy.proxy_connect_header) {
    const bool sound = is_token(name) && std::all_of(values.begin(), values.end(), [](const Secret& value) {
                         return is_header_value(value.value);
                       });
    if (!sound)
      reader.problem("proxy_connect_header",
                     fmt::format("\"{}\" is no header name, or a value has several lines", name));
  }
}

}  // namespace

bool read_config(const YamlNode& node, OAuthClaim& value, Problems&) {
  value.json = json::serialize(any_value(node));
  return true;
}

std::string print_config(const OAuthClaim& value) { return value.json; }

// JSON is YAML, too.
PrintedValue printed(const OAuthClaim& value) { return {PrintedValue::Kind::word, value.json, {}, {}}; }

bool read_config(const YamlNode& node, ProxyUrl& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  if (!text.empty() && (begins_with_port(text) || !parse_proxy(text))) {
    problems.add(node.mark(), "is no URL of a proxy; write http://HOST:PORT");
    return false;
  }
  value.value = std::move(text);
  return true;
}

std::string print_config(const ProxyUrl& value) { return mask_url_password(value.value); }

void validate(const BasicAuth& auth, ConfigReader& reader) {
  allow_one(reader, {{"username", !auth.username.empty()},
                     {"username_file", !auth.username_file.empty()},
                     {"username_ref", !auth.username_ref.empty()}});
  allow_one(reader, {{"password", !auth.password.value.empty()},
                     {"password_file", !auth.password_file.empty()},
                     {"password_ref", !auth.password_ref.empty()}});
}

void validate(const Authorization& authorization, ConfigReader& reader) {
  allow_one(reader, {{"credentials", !authorization.credentials.value.empty()},
                     {"credentials_file", !authorization.credentials_file.empty()},
                     {"credentials_ref", !authorization.credentials_ref.empty()}});
  if (same_header_name(trimmed(authorization.type), "basic"))
    reader.problem("type", "for user and password, write basic_auth instead");
  if (!is_header_value(authorization.type) || !is_header_value(authorization.credentials.value)) {
    reader.problem("credentials", "type and credentials must be a single line each");
  }
}

void validate(const OAuth2& oauth2, ConfigReader& reader) {
  if (oauth2.client_id.empty()) reader.problem("client_id", "oauth2 needs client_id");
  if (oauth2.token_url.empty())
    reader.problem("token_url", "oauth2 needs token_url, where tokens are asked for");
  if (oauth2.by_assertion()) {
    allow_one(reader, {{"client_certificate_key", !oauth2.client_certificate_key.value.empty()},
                       {"client_certificate_key_file", !oauth2.client_certificate_key_file.empty()},
                       {"client_certificate_key_ref", !oauth2.client_certificate_key_ref.empty()}});
    constexpr std::array<std::string_view, 4> kAlgorithms{"", "RS256", "RS384", "RS512"};
    if (std::ranges::find(kAlgorithms, oauth2.signature_algorithm) == kAlgorithms.end()) {
      reader.problem("signature_algorithm", fmt::format("{} is none of RS256, RS384 and RS512",
                                                        in_quotes(oauth2.signature_algorithm)));
    }
  } else {
    allow_one(reader, {{"client_secret", !oauth2.client_secret.value.empty()},
                       {"client_secret_file", !oauth2.client_secret_file.empty()},
                       {"client_secret_ref", !oauth2.client_secret_ref.empty()}});
  }
  validate_proxy(oauth2.proxy, reader);
}

void validate_proxy(const ProxyConfig& proxy, ConfigReader& reader) {
  validate_connect_header(proxy, reader);
  if (!proxy.proxy_connect_header.empty() && !proxy.may_apply()) {
    reader.problem(
        "proxy_connect_header",
        "proxy_connect_header is only for a proxy; write proxy_url or proxy_from_environment, too");
  }
  if (proxy.proxy_from_environment && !proxy.proxy_url.empty()) {
    reader.problem("proxy_from_environment", "write proxy_url or proxy_from_environment, not both");
  }
  if (proxy.proxy_from_environment && !proxy.no_proxy.empty()) {
    reader.problem("no_proxy",
                   "with proxy_from_environment, the environment's NO_PROXY counts; leave no_proxy out");
  }
  if (!proxy.no_proxy.empty() && !proxy.may_apply()) {
    reader.problem("no_proxy", "no_proxy is only for a proxy; write proxy_url, too");
  }
}

void validate(const HttpClientConfig& client, ConfigReader& reader) {
  const bool bearer = !client.bearer_token.value.empty();
  const bool bearer_file = !client.bearer_token_file.empty();
  const bool any_bearer = bearer || bearer_file;
  allow_one(reader, {{"bearer_token", bearer}, {"bearer_token_file", bearer_file}});
  if (any_bearer) {
    if (client.basic_auth) reader.problem("basic_auth", "write basic_auth or a bearer token, not both");
    if (client.authorization)
      reader.problem("authorization", "write authorization or a bearer token, not both");
    if (client.oauth2) reader.problem("oauth2", "write oauth2 or a bearer token, not both");
  }
  allow_one(reader, {{"basic_auth", client.basic_auth.has_value()},
                     {"authorization", client.authorization.has_value()},
                     {"oauth2", client.oauth2.has_value()}});
  if (!is_header_value(client.bearer_token.value)) reader.problem("bearer_token", "must be a single line");
  validate_proxy(client.proxy, reader);
  validate_http_headers(client.http_headers, ReservedHeaders::refused, "http_headers", reader);
}

}  // namespace lookout
