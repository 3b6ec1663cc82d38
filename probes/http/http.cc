#include "probes/http/http.h"

#include <cstdlib>

#include <fmt/format.h>

#include "probes/http/http_checks.h"
#include "probes/http/http_proxy.h"
#include "probes/http/http_request.h"
#include "probes/http/http_secrets.h"
#include "probes/net/http_url.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

const char* process_environment(const char* name) { return std::getenv(name); }

// One probe: first request, redirects, judgement.
class HttpConversation {
 public:
  HttpConversation(const HttpConfig& config, const Target& target, ProbeRun& run)
      : config_(config), target_(target), run_(run), facts_(run, response_) {}

  Task<Outcome> hold();

 private:
  Task<Outcome> prepare();
  Task<Attempt<IpAddress>> look_up(std::string host);
  Task<Attempt<IpAddress>> look_up_target();
  Task<Attempt<Stream>> connect();
  Task<Attempt<Stream>> dial_proxy();
  Outcome load_tls();
  Task<Outcome> tunnel(Stream& stream, std::string host);
  Task<Outcome> round_trip();
  HttpRequest request() const;
  bool wants_body(ssl_st* tls);
  Outcome take_redirect();
  Outcome conclude();

  const HttpConfig& config_;
  const Target& target_;
  ProbeRun& run_;
  HttpResponse response_;
  HttpFacts facts_;

  HttpHop first_, hop_;
  std::optional<IpAddress> source_;
  std::string resolved_host_;
  std::optional<IpAddress> address_;  // of resolved_host_
  std::shared_ptr<ssl_ctx_st> tls_context_;
  std::optional<std::string> body_;
  std::optional<std::string> authorization_;
  std::optional<HttpUrl> proxy_;  // of the current hop
  std::optional<HttpHop> next_;   // where the response redirects to
  bool redirected_ = false;       // the response is a redirect to be followed
  HttpEnding ending_;
};

Task<Outcome> HttpConversation::hold() {
  if (Outcome failure = co_await prepare()) co_return failure;
  for (;;) {
    if (Outcome failure = co_await round_trip()) co_return failure;
    if (!redirected_) co_return conclude();
    if (Outcome failure = take_redirect()) co_return failure;
  }
}

// Everything before the first connection, in the order that decides which facts a failure leaves behind.
Task<Outcome> HttpConversation::prepare() {
  const std::optional<HttpUrl> url = parse_http_target(target_.address);
  if (!url) co_return run_.fail(Cause::internal, "the target is no http or https URL");
  if (target_.hostname.find_first_of(std::string_view("\r\n\t \0", 5)) != std::string::npos) {
    co_return run_.fail(Cause::internal, "the hostname parameter is no host name");
  }
  first_ = hop_ = first_hop(config_, *url, target_.hostname);
  const Attempt<std::optional<IpAddress>> source = parse_source(run_, config_.source_ip_address);
  if (!source) co_return source.error();
  source_ = *source;
  if (!config_.skip_resolve_phase_with_proxy || !may_use_proxy(config_)) {
    facts_.resolving();
    const Attempt<IpAddress> address = co_await resolve(run_, url->host, config_.ip);
    facts_.resolved();
    if (!address) co_return address.error();
    address_ = *address;
    resolved_host_ = url->host;
  }
  // Unreadable files of tls_config fail plain targets, too, as in blackbox_exporter.
  if (url->is_https() || config_.tls_config != TlsConfig()) {
    if (Outcome failure = load_tls()) co_return failure;
  }
  Attempt<std::optional<std::string>> body = read_body(run_, config_);
  if (!body) co_return body.error();
  body_ = std::move(*body);
  facts_.will_send_requests();
  Attempt<std::optional<std::string>> authorization = read_authorization(run_, config_);
  if (!authorization) co_return authorization.error();
  authorization_ = std::move(*authorization);
  co_return std::nullopt;
}

Outcome HttpConversation::load_tls() {
  if (tls_context_) return std::nullopt;
  const std::vector<std::string> alpn =
      config_.enable_http2 ? std::vector<std::string>{"h2", "http/1.1"} : std::vector<std::string>{};
  Attempt<std::shared_ptr<ssl_ctx_st>> context = run_.services.tls().get(run_, config_.tls_config, alpn);
  if (!context) return context.error();
  tls_context_ = std::move(*context);
  return std::nullopt;
}

// Besides the first target's, whose address the facts are about.
Task<Attempt<IpAddress>> HttpConversation::look_up(std::string host) {
  run_.enter(Stage::resolve);
  ProbeRun aside(run_.services, run_.start, run_.deadline);
  co_return co_await resolve(aside, std::move(host), config_.ip);
}

Task<Attempt<IpAddress>> HttpConversation::look_up_target() {
  if (address_ && resolved_host_ == hop_.url.host) co_return *address_;
  facts_.resolving();
  const Attempt<IpAddress> address = co_await look_up(hop_.url.host);
  facts_.resolved();
  if (!address) co_return address.error();
  address_ = *address;
  resolved_host_ = hop_.url.host;
  co_return *address;
}

Task<Attempt<Stream>> HttpConversation::dial_proxy() {
  const Attempt<IpAddress> address = co_await look_up(proxy_->host);
  if (!address) co_return address.error();
  co_return co_await dial(run_, asio::ip::tcp::endpoint(*address, proxy_->port), source_);
}

// The connection that the hop's request can be sent over: dialled, through the proxy's tunnel, in TLS.
Task<Attempt<Stream>> HttpConversation::connect() {
  const bool resolved = address_ && resolved_host_ == hop_.url.host;
  Attempt<std::optional<HttpUrl>> proxy =
      choose_proxy(run_, config_, hop_.url, resolved ? address_ : std::nullopt, process_environment);
  if (!proxy) co_return proxy.error();
  proxy_ = std::move(*proxy);
  if (!proxy_) {
    const Attempt<IpAddress> address = co_await look_up_target();
    if (!address) co_return address.error();
  }
  const SteadyTime started = now();
  Attempt<Stream> stream = co_await (
      proxy_ ? dial_proxy() : dial(run_, asio::ip::tcp::endpoint(*address_, hop_.url.port), source_));
  if (!stream) co_return stream.error();
  const Duration connect = now() - started;
  Duration tls{};
  if (hop_.url.is_https()) {
    const std::string host = resolved ? address_->to_string() : hop_.url.host;
    if (Outcome failure = co_await tunnel(*stream, host)) co_return *failure;
    const SteadyTime handshake = now();
    if (Outcome failure = load_tls()) co_return *failure;
    if (Outcome failure = co_await stream->start_tls(run_, tls_context_, hop_.tls_name)) co_return *failure;
    tls = now() - handshake;
  }
  facts_.connected(connect, tls);
  co_return stream;
}

Task<Outcome> HttpConversation::tunnel(Stream& stream, std::string host) {
  if (!proxy_) co_return std::nullopt;
  co_return co_await open_tunnel(run_, stream, config_, *proxy_,
                                 fmt::format("{}:{}", bracketed(host), hop_.url.port));
}

HttpRequest HttpConversation::request() const {
  const std::optional<std::string> own = userinfo_authorization(hop_.url);
  HttpRequest request = build_request(config_, hop_, body_, own ? own : authorization_);
  if (proxy_ && !hop_.url.is_https()) {
    request.target = fmt::format("http://{}{}", hop_.host_header, hop_.url.path);
    if (const auto credentials = userinfo_authorization(*proxy_))
      request.headers.push_back({"Proxy-Authorization", *credentials});
  }
  return request;
}

// Fails where there is no response to judge.
Task<Outcome> HttpConversation::round_trip() {
  response_ = HttpResponse();
  redirected_ = false;
  Attempt<Stream> stream = co_await connect();
  if (!stream) co_return stream.error();
  ssl_st* const tls = stream->tls();
  HttpRequest asked = request();
  asked.on_head = [this, tls](const HttpResponse&) { return wants_body(tls); };
  ending_.over_tls = tls != nullptr;
  ending_.transport = co_await run_.services.http().exchange(run_, *stream, asked, response_);
  run_.note(fmt::format("{} {}://{}: {} {}, {} bytes of body", hop_.method, hop_.url.scheme,
                        hop_.url.authority, response_.version, response_.status, response_.body_size));
  if (response_.status == 0) co_return ending_.transport;
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
  facts_.pattern_failed(judge_head(config_, response_).pattern_failed);
  const bool undecodable = !content_coding(config_).empty() && check_coding(config_, response_);
  return !ending_.body_refused && !undecodable;
}

Outcome HttpConversation::take_redirect() {
  if (!next_) return run_.fail(Cause::protocol, "the redirect's Location is no URL");
  hop_ = *std::exchange(next_, std::nullopt);
  facts_.redirected(++ending_.redirects);
  if (hop_.url.scheme == "http" || hop_.url.is_https()) return std::nullopt;
  return run_.fail(Cause::protocol, fmt::format("the redirect leads to scheme {}", hop_.url.scheme));
}

Outcome HttpConversation::conclude() {
  run_.enter(Stage::match);
  HttpJudgement judgement = judge(config_, response_, ending_);
  facts_.pattern_failed(judgement.pattern_failed);
  return std::move(judgement.failure);
}

}  // namespace

Task<Outcome> probe_http(const HttpConfig& config, const Target& target, ProbeRun& run) {
  HttpConversation conversation(config, target, run);
  co_return co_await conversation.hold();
}

}  // namespace lookout
