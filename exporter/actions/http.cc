#include "exporter/actions/http.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "exporter/actions/http_call.h"
#include "exporter/actions/http_config.h"
#include "probes/core/version.h"
#include "probes/http/http_checks.h"
#include "probes/http/oauth2.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_head.h"
#include "probes/net/http_transfers.h"
#include "probes/net/secret_file.h"

namespace lookout {
namespace {

// Doubles with each further one.
constexpr Duration kFirstPause = std::chrono::milliseconds(500);
// Words of this length in a URL or a body may be tokens, and an answer may repeat them.
constexpr std::size_t kShortestToken = 16;
constexpr std::size_t kMaximumWords = 256;

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [name](std::string_view each) { return same_header_name(each, name); });
}

bool may_repeat(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

void hide_words(std::string_view text, std::string_view marks, std::vector<std::string>& secrets) {
  const auto is_letter = [marks](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  };
  std::size_t words = 0;
  for (std::size_t at = 0; at < text.size() && words < kMaximumWords;) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end - at >= kShortestToken) {
      secrets.emplace_back(text.substr(at, end - at));
      ++words;
    }
    at = end + 1;
  }
}

// "Bearer deadbeef": an answer may repeat either.
void hide_credentials(const std::string& value, std::vector<std::string>& secrets) {
  secrets.push_back(value);
  if (const std::size_t space = value.find(' '); space != std::string::npos)
    secrets.push_back(value.substr(space + 1));
}

void hide_userinfo(const HttpUrl& url, std::vector<std::string>& secrets) {
  const auto credentials = userinfo_authorization(url);
  if (!credentials) return;
  hide_credentials(*credentials, secrets);
  if (const std::size_t colon = url.userinfo.find(':'); colon != std::string::npos)
    secrets.push_back(url.userinfo.substr(colon + 1));
}

class HttpWebhook {
 public:
  HttpWebhook(const HttpAction& action, const ActionCause& cause, ActionRun& run)
      : action_(action), cause_(cause), run_(run), url_(parse_url(action.url.value).value_or(HttpUrl())) {}

  void hide_configured();
  Task<Attempt<HttpResponse>> call();
  ActionResult judged(const HttpResponse& response) const;

 private:
  const std::string* header(std::string_view name) const;
  Task<Outcome> gather();
  Task<Attempt<HttpResponse>> call_over(NetworkOptions options);
  void add_header(std::string name, std::string value);
  Attempt<std::optional<std::string>> body();
  Task<Attempt<std::optional<std::string>>> authorization();

  const HttpAction& action_;
  const ActionCause& cause_;
  ActionRun& run_;
  const HttpUrl url_;
  HttpRequest request_;
};

const std::string* HttpWebhook::header(std::string_view name) const {
  for (const auto& [key, value] : action_.headers) {
    if (same_header_name(key, name)) return &value.value;
  }
  return nullptr;
}

void HttpWebhook::hide_configured() {
  for (const auto& [name, value] : action_.headers) {
    if (!one_of(name, {"Host", "User-Agent", "Content-Type", "Accept"}))
      hide_credentials(value.value, run_.secrets);
  }
  const HttpClientConfig& client = action_.client;
  if (client.basic_auth) run_.secrets.push_back(client.basic_auth->password.value);
  if (client.oauth2) run_.secrets.push_back(client.oauth2->client_secret.value);
  for (const auto& [name, values] : client.proxy.proxy_connect_header) {
    for (const Secret& value : values) hide_credentials(value.value, run_.secrets);
  }
  if (const auto proxy = parse_proxy(client.proxy.proxy_url.value)) hide_userinfo(*proxy, run_.secrets);
  hide_userinfo(url_, run_.secrets);
  if (url_.path.size() >= kShortestToken) run_.secrets.push_back(url_.path);
  hide_words(url_.path, "-_.~+", run_.secrets);
}

void HttpWebhook::add_header(std::string name, std::string value) {
  if (header(name) == nullptr) request_.headers.push_back({std::move(name), std::move(value)});
}

Attempt<std::optional<std::string>> HttpWebhook::body() {
  if (action_.body_file.empty()) {
    if (action_.body.value.empty()) return std::optional<std::string>();
    return std::optional(action_.body.value);
  }
  Attempt<std::string> content = read_file(run_.net, action_.body_file);
  if (!content) return content.error();
  return std::optional(std::move(*content));
}

Task<Attempt<std::optional<std::string>>> HttpWebhook::authorization() {
  if (auto own = userinfo_authorization(url_)) co_return own;
  if (!action_.client.oauth2) co_return read_authorization(run_.net, action_.client);
  const std::string* agent = header("User-Agent");
  Attempt<std::string> token = co_await fetch_token(
      run_.net,
      {*action_.client.oauth2, action_.network, agent != nullptr ? *agent : std::string(kUserAgent)});
  if (!token) co_return token.error();
  co_return std::optional(std::move(*token));
}

// Anew for each try: files and tokens may have changed.
Task<Outcome> HttpWebhook::gather() {
  request_ = HttpRequest();
  request_.method = action_.method;
  const std::string* host = header("Host");
  request_.host = host != nullptr ? *host : url_.authority;
  for (const auto& [name, value] : action_.headers) {
    if (!same_header_name(name, "Host")) request_.headers.push_back({name, value.value});
  }
  add_header("User-Agent", std::string(kUserAgent));
  add_header("Idempotency-Key", cause_.attempt);
  const Attempt<std::optional<std::string>> credentials = co_await authorization();
  if (!credentials) co_return credentials.error();
  if (*credentials) {
    hide_credentials(**credentials, run_.secrets);
    add_header("Authorization", **credentials);
  }
  const Attempt<std::vector<HttpHeader>> further = read_http_headers(run_.net, action_.client.http_headers);
  if (!further) co_return further.error();
  for (const HttpHeader& each : *further) {
    run_.secrets.push_back(each.value);
    request_.headers.push_back(each);
  }
  Attempt<std::optional<std::string>> content = body();
  if (!content) co_return content.error();
  if (*content) {
    run_.secrets.push_back(**content);
    hide_words(**content, "-_.~+/=", run_.secrets);
    request_.body = std::make_shared<const std::string>(std::move(**content));
  }
  co_return std::nullopt;
}

Task<Attempt<HttpResponse>> HttpWebhook::call() {
  if (const Outcome failure = co_await gather()) co_return *failure;
  request_.on_head = [this](const HttpResponse& head) {
    run_.output = told(head, run_.secrets);
    return true;
  };
  const NetworkOptions& own = action_.network;
  const Attempt<HttpResponse> response = co_await call_over(own);
  const bool may_turn = own.preferred_ip_protocol.empty() && own.ip_protocol_fallback;
  if (response || response.error().stage != Stage::connect || !may_turn) co_return response;
  // A name may have an IPv6 address that is of no use from here. A probe tells that, an action gets round it.
  NetworkOptions other = own;
  other.preferred_ip_protocol = "ip4";
  co_return co_await call_over(other);
}

Task<Attempt<HttpResponse>> HttpWebhook::call_over(NetworkOptions options) {
  HttpClientNetwork network{options, action_.client.tls_config, action_.client.proxy, {}};
  network.alpn = action_.client.enable_http2 ? std::vector<std::string>{"h2", "http/1.1"}
                                             : std::vector<std::string>{"http/1.1"};
  const std::string& server_name = action_.client.tls_config.server_name;
  HttpCall call{url_, server_name.empty() ? host_without_port(request_.host) : server_name, request_};
  co_return co_await call_http(run_.net, std::move(network), std::move(call), run_.begun);
}

ActionResult HttpWebhook::judged(const HttpResponse& response) const {
  const bool well = is_valid_status(action_.valid_status_codes, response.status);
  return {well ? ActionEnd::done : ActionEnd::failed, fmt::format("HTTP {}", response.status),
          told(response, run_.secrets)};
}

}  // namespace

Task<ActionResult> run_http(const HttpAction& action, const ActionCause& cause, ActionRun& run) {
  HttpWebhook webhook(action, cause, run);
  webhook.hide_configured();
  Duration pause = kFirstPause;
  for (int tries_left = action.retries;; --tries_left) {
    const Attempt<HttpResponse> response = co_await webhook.call();
    if (response) co_return webhook.judged(*response);
    const bool safe = !run.begun || may_repeat(action.method);
    if (tries_left == 0 || !safe) co_return without_answer(run, response.error());
    Timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(use_task);
    pause *= 2;
  }
}

}  // namespace lookout
