#include "probes/http/oauth2.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probes/core/text.h"
#include "probes/http/oauth2_assertion.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_connect.h"
#include "probes/net/http_head.h"
#include "probes/net/http_transfers.h"
#include "probes/net/secret_file.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

namespace json = boost::json;
using Form = std::map<std::string, std::string>;

constexpr std::size_t kShownOfError = 80;

// application/x-www-form-urlencoded
std::string form_encoded(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string encoded(const Form& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    if (!text.empty()) text += '&';
    text.append(form_encoded(name)).append("=").append(form_encoded(value));
  }
  return text;
}

std::string form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    if (text[at] == '%' && at + 2 < text.size() && std::isxdigit(text[at + 1]) != 0 &&
        std::isxdigit(text[at + 2]) != 0) {
      std::sscanf(std::string(text.substr(at + 1, 2)).c_str(), "%2x", &byte);
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += text[at] == '+' ? ' ' : text[at];
    }
  }
  return out;
}

// What an answer tells, whichever of its two forms it has.
Form fields_of(const HttpResponse& response) {
  Form fields;
  const std::string* type = response.find("Content-Type");
  const std::string media = type == nullptr
                                ? std::string()
                                : lower_case(trimmed(std::string_view(*type).substr(0, type->find(';'))));
  if (media == "application/x-www-form-urlencoded" || media == "text/plain") {
    std::string_view rest = response.body;
    while (!rest.empty()) {
      const std::string_view pair = rest.substr(0, rest.find('&'));
      const std::size_t equals = std::min(pair.find('='), pair.size());
      fields[form_decoded(pair.substr(0, equals))] =
          form_decoded(pair.substr(std::min(equals + 1, pair.size())));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    }
    return fields;
  }
  boost::system::error_code error;
  const json::value value = json::parse(response.body, error);
  if (error || !value.is_object()) return fields;
  for (const auto& [name, field] : value.get_object()) {
    if (field.is_string()) fields[std::string(name)] = std::string(field.get_string());
  }
  return fields;
}

Attempt<std::string> authorization_of(const ProbeRun& run, const HttpResponse& response) {
  const Form fields = fields_of(response);
  const auto field = [&](const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  const std::string refusal = field("error");
  const std::string why = refusal.empty() ? "" : ": " + in_quotes(one_line(refusal, kShownOfError));
  if (response.status < 200 || response.status > 299)
    return run.fail(Cause::status, fmt::format("token_url answered with status {}{}", response.status, why));
  const std::string token = field("access_token");
  if (!refusal.empty() || token.empty())
    return run.fail(Cause::protocol, fmt::format("token_url's answer holds no access_token{}", why));
  std::string type = field("token_type");
  if (type.empty() || same_header_name(type, "bearer")) type = "Bearer";
  if (same_header_name(type, "basic")) type = "Basic";
  if (same_header_name(type, "mac")) type = "MAC";
  if (!is_header_value(type) || !is_header_value(token))
    return run.fail(Cause::protocol, "token_url's access_token is more than one line");
  return fmt::format("{} {}", type, token);
}

// One conversation with token_url.
class TokenRequest {
 public:
  TokenRequest(ProbeRun& run, const OAuth2Client& client)
      : run_(run), client_(client), config_(client.config) {}

  Task<Attempt<std::string>> by_credentials();
  Task<Attempt<std::string>> by_assertion();

 private:
  Task<Attempt<std::string>> ask(Form form, std::optional<std::string> authorization);
  HttpRequest request(const HttpRoute& route, const Form& form,
                      const std::optional<std::string>& authorization) const;

  ProbeRun& run_;
  const OAuth2Client& client_;
  const OAuth2& config_;
  bool answered_ = false;
};

Task<Attempt<std::string>> TokenRequest::by_credentials() {
  if (!config_.client_secret_ref.empty()) co_return no_secret_manager(run_, "client_secret");
  const Attempt<std::string> secret =
      value_or_file(run_, config_.client_secret.value, config_.client_secret_file);
  if (!secret) co_return secret.error();
  Form form{{"grant_type", "client_credentials"}};
  if (!config_.scopes.empty()) form["scope"] = fmt::format("{}", fmt::join(config_.scopes, " "));
  for (const auto& [name, value] : config_.endpoint_params) form[name] = value;
  const std::string basic =
      basic_authorization(form_encoded(config_.client_id) + ":" + form_encoded(*secret));
  const Attempt<std::string> authorization = co_await ask(form, basic);
  if (authorization || !answered_) co_return authorization;
  form["client_id"] = config_.client_id;
  if (!secret->empty()) form["client_secret"] = *secret;
  co_return co_await ask(std::move(form), std::nullopt);
}

Task<Attempt<std::string>> TokenRequest::by_assertion() {
  if (!config_.client_certificate_key_ref.empty())
    co_return no_secret_manager(run_, "client_certificate_key");
  Attempt<std::string> key = config_.client_certificate_key.value;
  if (!config_.client_certificate_key_file.empty())
    key = read_file(run_, config_.client_certificate_key_file);
  if (!key) co_return key.error();
  const Usable<std::string> assertion = make_assertion(config_, *key, std::chrono::system_clock::now());
  if (!assertion) co_return run_.fail(Cause::internal, assertion.error().reason);
  Form form{{"grant_type", std::string(OAuth2::kJwtBearer)}, {"assertion", *assertion}};
  for (const auto& [name, value] : config_.endpoint_params) form[name] = value;
  co_return co_await ask(std::move(form), std::nullopt);
}

HttpRequest TokenRequest::request(const HttpRoute& route, const Form& form,
                                  const std::optional<std::string>& authorization) const {
  HttpRequest request;
  request.method = "POST";
  request.target = route.url.path;
  request.host = route.url.authority;
  request.headers = {{"User-Agent", client_.user_agent},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  if (authorization) request.headers.push_back({"Authorization", *authorization});
  request.body = std::make_shared<const std::string>(encoded(form));
  request.keep_body = true;
  request.body_limit = kMaximumTokenAnswer;
  address_to_proxy(request, route);
  return request;
}

Task<Attempt<std::string>> TokenRequest::ask(Form form, std::optional<std::string> authorization) {
  const std::optional<HttpUrl> url = parse_url(config_.token_url);
  if (!url || url->port == 0) co_return run_.fail(Cause::internal, "token_url is no http or https URL");
  HttpRoute route{*url, config_.tls_config.server_name.empty() ? url->host : config_.tls_config.server_name,
                  std::nullopt, std::nullopt};
  Attempt<std::optional<HttpUrl>> proxy =
      choose_proxy(run_, config_.proxy, *url, std::nullopt, process_environment);
  if (!proxy) co_return proxy.error();
  route.proxy = std::move(*proxy);
  if (!route.proxy) {
    const Attempt<IpAddress> address = co_await resolve_aside(run_, url->host, client_.options, nullptr);
    if (!address) co_return address.error();
    route.address = *address;
  }
  const HttpClientNetwork network{client_.options, config_.tls_config, config_.proxy, {}};
  Attempt<HttpConnection> connection = co_await connect_http(run_, network, route);
  if (!connection) co_return connection.error();
  const HttpRequest asked = request(route, form, authorization);
  HttpResponse response;
  const Outcome failure = co_await run_.services.http().exchange(run_, connection->stream, asked, response);
  if (failure) co_return *failure;
  answered_ = true;
  co_return authorization_of(run_, response);
}

}  // namespace

Task<Attempt<std::string>> fetch_token(ProbeRun& run, OAuth2Client client) {
  TokenRequest request(run, client);
  Attempt<std::string> authorization =
      co_await (client.config.by_assertion() ? request.by_assertion() : request.by_credentials());
  if (authorization) co_return authorization;
  Failure failure = authorization.error();
  failure.detail.insert(0, "oauth2: ");
  co_return failure;
}

}  // namespace lookout
