#include "probes/http/http.h"

#include <chrono>

#include <fmt/format.h>

#include "probes/http/http_cel.h"
#include "probes/http/http_checks.h"
#include "probes/http/http_cookies.h"
#include "probes/http/http_labels.h"
#include "probes/http/http_request.h"
#include "probes/http/oauth2.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_connect.h"
#include "probes/net/http_quic.h"
#include "probes/net/secret_file.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr int kSwitchingProtocols = 101;  // what follows is no HTTP

// One probe: first request, redirects, judgement.
class HttpConversation {
 public:
  HttpConversation(const HttpConfig& config, const Target& target, ProbeRun& run)
      : config_(config), target_(target), run_(run), facts_(run, response_) {}

  Task<Outcome> hold();

 private:
  Task<Outcome> prepare();
  Task<Outcome> resolve_target();
  Outcome load_tls();
  Task<Outcome> gather_parts();
  Task<Outcome> look_up_hop();
  Task<Attempt<HttpConnection>> connect();
  HttpClientNetwork network() const;
  Task<Outcome> ask();
  Task<Outcome> ask_over_quic();
  Task<Outcome> round_trip();
  HttpRequest request() const;
  bool wants_body(ssl_st* tls);
  Outcome take_redirect();
  void state_checks(const HttpJudgement& judgement);
  Task<Outcome> conclude();

  const HttpConfig& config_;
  const Target& target_;
  ProbeRun& run_;
  HttpResponse response_;
  HttpFacts facts_;

  HttpHop first_, hop_;
  std::string resolved_host_;
  std::optional<IpAddress> address_;  // of resolved_host_
  HttpParts parts_;
  CookieJar cookies_;
  HttpRoute route_;              // of the current hop
  std::optional<HttpHop> next_;  // where the response redirects to
  bool redirected_ = false;      // the response is a redirect to be followed
  HttpEnding ending_;
};

Task<Outcome> HttpConversation::hold() {
  state_checks({});
  if (Outcome failure = co_await prepare()) co_return failure;
  for (;;) {
    if (Outcome failure = co_await round_trip()) co_return failure;
    if (!redirected_) co_return co_await conclude();
    if (Outcome failure = take_redirect()) co_return failure;
  }
}

// Everything before the first connection, in the order that decides which facts a failure leaves behind.
Task<Outcome> HttpConversation::prepare() {
  const std::optional<HttpUrl> url = target_url(config_, target_.address);
  if (!url) co_return run_.fail(Cause::internal, "the target is no http or https URL");
  if (target_.hostname.find_first_of(std::string_view("\r\n\t \0", 5)) != std::string::npos) {
    co_return run_.fail(Cause::internal, "the hostname parameter is no host name");
  }
  first_ = hop_ = first_hop(config_, *url, target_.hostname);
  if (!config_.skip_resolve_phase_with_proxy || !config_.client.proxy.may_apply()) {
    const Outcome failure = co_await resolve_target();
    if (url->host.empty()) co_return run_.fail(Cause::internal, "the target's URL names no host");
    if (failure) co_return failure;
  }
  // Unreadable files of tls_config fail plain targets, too, as in blackbox_exporter.
  if (url->is_https() || config_.client.tls_config != TlsConfig()) {
    if (Outcome failure = load_tls()) co_return failure;
  }
  Attempt<std::string> body = config_.body_file.empty() ? config_.body : read_file(run_, config_.body_file);
  if (!body) co_return body.error();
  if (!body->empty() || !config_.body_file.empty())
    parts_.body = std::make_shared<const std::string>(std::move(*body));
  facts_.will_send_requests();
  co_return co_await gather_parts();
}

Task<Outcome> HttpConversation::resolve_target() {
  facts_.resolving();
  const Attempt<IpAddress> address = co_await resolve(run_, first_.url.host, config_.network);
  facts_.resolved();
  if (!address) co_return address.error();
  address_ = *address;
  resolved_host_ = first_.url.host;
  co_return std::nullopt;
}

Outcome HttpConversation::load_tls() {
  const auto context = run_.services.tls().get(run_, config_.client.tls_config, network().alpn);
  return context ? Outcome() : context.error();
}

// What the requests carry, for all hops the same.
Task<Outcome> HttpConversation::gather_parts() {
  Attempt<std::vector<HttpHeader>> headers = read_http_headers(run_, config_.client.http_headers);
  if (!headers) co_return headers.error();
  parts_.http_headers = std::move(*headers);
  Attempt<std::optional<std::string>> authorization = read_authorization(run_, config_.client);
  if (!authorization) co_return authorization.error();
  parts_.authorization = std::move(*authorization);
  if (!config_.client.oauth2) co_return std::nullopt;
  Attempt<std::string> token =
      co_await fetch_token(run_, {*config_.client.oauth2, config_.network, user_agent(config_)});
  if (!token) co_return token.error();
  parts_.authorization = std::move(*token);
  co_return std::nullopt;
}

HttpClientNetwork HttpConversation::network() const {
  HttpClientNetwork network{
      config_.network, config_.client.tls_config, config_.client.proxy, {}, kHttpTlsFacts};
  if (config_.client.enable_http2) network.alpn = {"h2", "http/1.1"};
  return network;
}

// Besides the first target's, whose address the facts are about.
Task<Outcome> HttpConversation::look_up_hop() {
  facts_.resolving();
  const Attempt<IpAddress> address =
      co_await resolve_aside(run_, hop_.url.host, config_.network, run_.allowed);
  facts_.resolved();
  if (!address) co_return address.error();
  address_ = *address;
  resolved_host_ = hop_.url.host;
  co_return std::nullopt;
}

Task<Attempt<HttpConnection>> HttpConversation::connect() {
  if (hop_.url.port == 0) co_return run_.fail(Cause::internal, "the target's port is larger than 65535");
  const bool resolved = address_ && resolved_host_ == hop_.url.host;
  const std::optional<IpAddress> known = resolved ? address_ : std::nullopt;
  Attempt<std::optional<HttpUrl>> proxy =
      choose_proxy(run_, config_.client.proxy, hop_.url, known, process_environment);
  if (!proxy) co_return proxy.error();
  route_ = {hop_.url, hop_.tls_name, std::move(*proxy), known};
  // Where addresses are limited, a proxy's target is judged by what its name is here.
  if ((!route_.proxy || run_.allowed != nullptr) && !resolved) {
    if (Outcome failure = co_await look_up_hop()) co_return *failure;
    route_.address = address_;
  }
  co_return co_await connect_http(run_, network(), route_);
}

HttpRequest HttpConversation::request() const {
  HttpParts parts = parts_;
  parts.cookies =
      cookies_.matching(hop_.url, host_without_port(hop_.host_header), std::chrono::system_clock::now());
  if (std::optional<std::string> own = userinfo_authorization(hop_.url)) parts.authorization = std::move(own);
  HttpRequest request = build_request(config_, hop_, parts);
  address_to_proxy(request, route_);
  return request;
}

Task<Outcome> HttpConversation::ask() {
  Attempt<HttpConnection> connection = co_await connect();
  if (!connection) co_return connection.error();
  facts_.connected(connection->connect, connection->tls);
  ssl_st* const tls = hop_.url.is_https() ? connection->stream.tls() : nullptr;
  HttpRequest asked = request();
  asked.on_head = [this, tls](const HttpResponse&) { return wants_body(tls); };
  ending_.over_tls = tls != nullptr;
  co_return co_await run_.services.http().exchange(run_, connection->stream, asked, response_);
}

// Not through proxies, as in blackbox_exporter.
Task<Outcome> HttpConversation::ask_over_quic() {
  if (hop_.url.port == 0) co_return run_.fail(Cause::internal, "the target's port is larger than 65535");
  if (!address_ || resolved_host_ != hop_.url.host) {
    if (Outcome failure = co_await look_up_hop()) co_return failure;
  }
  ssl_st* tls = nullptr;
  HttpRequest asked = request();
  asked.on_head = [this, &tls](const HttpResponse&) { return wants_body(tls); };
  const auto connected = [this, &tls](Duration handshake, ssl_st* by) {
    tls = by;
    facts_.connected(handshake, handshake);
  };
  const QuicPeer peer{{*address_, hop_.url.port}, hop_.tls_name, config_.network,
                      config_.client.tls_config,  kHttpTlsFacts, connected};
  ending_.over_tls = true;
  co_return co_await exchange_over_quic(run_, peer, asked, response_);
}

// Fails where there is no response to judge.
Task<Outcome> HttpConversation::round_trip() {
  response_ = HttpResponse();
  redirected_ = false;
  ending_.transport = co_await (config_.enable_http3 ? ask_over_quic() : ask());
  if (ending_.transport && run_.stage() < Stage::request) co_return ending_.transport;
  run_.note(fmt::format("{} {}://{}: {} {}, {} bytes of body", hop_.method, hop_.url.scheme,
                        hop_.url.authority, response_.version, response_.status, response_.body_size));
  if (response_.status == 0) co_return ending_.transport;
  cookies_.take(response_, hop_.url, host_without_port(hop_.host_header), std::chrono::system_clock::now());
  co_return std::nullopt;
}

// The head is there: states what it tells if the response is the final one, and decides whether to read on.
bool HttpConversation::wants_body(ssl_st* tls) {
  const bool redirects = asks_for_redirect(response_) && can_redirect(config_, response_);
  if (redirects) {
    next_ = next_hop(hop_, first_, response_);
    redirected_ = !next_ || (follows_redirects(config_) && ending_.redirects < kMaximumRedirects);
    if (redirected_) return false;
    run_.facts.set(kHttpRedirects, ++ending_.redirects);
    ending_.body_refused = true;
  }
  facts_.final_head(hop_.method == "HEAD", tls);
  state_checks(judge_head(config_, response_));
  return !ending_.body_refused && response_.status != kSwitchingProtocols;
}

Outcome HttpConversation::take_redirect() {
  if (!next_) return run_.fail(Cause::protocol, "the redirect's Location is no URL");
  hop_ = *std::exchange(next_, std::nullopt);
  facts_.redirected(++ending_.redirects);
  if (hop_.url.scheme != "http" && !hop_.url.is_https())
    return run_.fail(Cause::protocol, fmt::format("the redirect leads to scheme {}", hop_.url.scheme));
  if (config_.enable_http3 && !hop_.url.is_https())
    return run_.fail(Cause::protocol, "the redirect leads to http, where there is no HTTP/3");
  if (hop_.url.host.empty() || hop_.url.port == 0)
    return run_.fail(Cause::protocol, "the redirect leads to no host, or to a port that there is not");
  return std::nullopt;
}

void HttpConversation::state_checks(const HttpJudgement& judgement) {
  facts_.pattern_failed(judgement.pattern_failed);
  if (checks_json(config_)) run_.facts.set(kFailedDueToCel, judgement.cel_failed ? 1 : 0);
}

Task<Outcome> HttpConversation::conclude() {
  run_.enter(Stage::match);
  if (!config_.labels.empty()) run_.facts.set(kExpectInfo, 1, http_labels(config_, response_));
  if (checks_json(config_) && !ending_.transport) ending_.json.emplace(co_await read_json(response_.body));
  HttpJudgement judgement = judge(config_, response_, ending_);
  state_checks(judgement);
  co_return std::move(judgement.failure);
}

}  // namespace

Task<Outcome> probe_http(const HttpConfig& config, const Target& target, ProbeRun& run) {
  HttpConversation conversation(config, target, run);
  co_return co_await conversation.hold();
}

}  // namespace lookout
