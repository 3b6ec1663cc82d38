#include "probes/websocket/websocket.h"

#include <algorithm>

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/net/dial.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_head.h"
#include "probes/net/http_url.h"
#include "probes/websocket/websocket_messages.h"
#include "probes/websocket/websocket_upgrade.h"

namespace lookout {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

// Tells how long a phase took, whichever way it ends.
class Phase {
 public:
  Phase(Facts& facts, std::string_view labels) : facts_(facts), labels_(labels) {}
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;
  ~Phase() { facts_.set(kWebsocketDuration, seconds(now() - start_ - left_out_), labels_); }
  void leave_out(Duration time) { left_out_ = time; }

 private:
  Facts& facts_;
  std::string_view labels_;
  SteadyTime start_ = now();
  Duration left_out_{};
};

// 1 unless the dialogue came to its end: also when the deadline cuts it.
class DialogueFact {
 public:
  explicit DialogueFact(Facts& facts) : facts_(facts) {}
  DialogueFact(const DialogueFact&) = delete;
  DialogueFact& operator=(const DialogueFact&) = delete;
  ~DialogueFact() { facts_.set(kWebsocketRegex, ended_ ? 0 : 1); }
  void ended() { ended_ = true; }

 private:
  Facts& facts_;
  bool ended_ = false;
};

// Of the URL's parts only the scheme tells it from one of HTTP. nullopt: not a URL.
std::optional<HttpUrl> parse_target(std::string_view text) {
  std::optional<HttpUrl> url = parse_url(text);
  if (!url || (url->scheme != "ws" && url->scheme != "wss")) return url;
  const std::size_t colon = text.find(':');
  return parse_url((url->scheme == "ws" ? "http" : "https") + std::string(text.substr(colon)));
}

class WebsocketProbe {
 public:
  WebsocketProbe(const WebsocketConfig& config, const Target& target, ProbeRun& run)
      : config_(config), target_(target), run_(run) {}

  Task<Outcome> hold();

 private:
  Task<Outcome> open(IpAddress address);
  Task<Outcome> upgrade();
  Outcome take_headers();
  std::string tls_name() const;
  Outcome judge(const UpgradeAnswer& answer) const;
  Task<Outcome> talk();
  Task<Outcome> take_step(WebsocketMessages& messages, const QueryResponse& step, ExpectInfo& info);

  const WebsocketConfig& config_;
  const Target& target_;
  ProbeRun& run_;
  HttpUrl url_;
  WebsocketUpgrade wanted_;
  std::optional<Stream> stream_;
  std::string early_;
};

Task<Outcome> WebsocketProbe::hold() {
  std::optional<HttpUrl> url = parse_target(target_.address);
  if (!url) co_return run_.fail(Cause::internal, fmt::format("{} is no URL", in_quotes(target_.address)));
  url_ = std::move(*url);
  run_.facts.set(kWebsocketStatus, 0);
  run_.facts.set(kWebsocketUpgraded, 0);
  run_.facts.set(kWebsocketRegex, 0);
  const SteadyTime started = now();
  const Attempt<IpAddress> address = co_await resolve(run_, url_.host, config_.network);
  if (!address) co_return address.error();
  run_.facts.set(kWebsocketDuration, seconds(now() - started), "phase=\"resolve\"");
  if (Outcome failure = co_await open(*address)) co_return failure;
  if (config_.query_response.empty()) co_return std::nullopt;
  co_return co_await talk();
}

// Until the connection is a WebSocket.
Task<Outcome> WebsocketProbe::open(IpAddress address) {
  Phase processing(run_.facts, "phase=\"processing\"");
  run_.enter(Stage::connect);
  const bool secure = target_.address.size() > 3 && lower_case(target_.address.substr(0, 4)) == "wss:";
  if (!secure && lower_case(target_.address.substr(0, 3)) != "ws:")
    co_return run_.fail(Cause::internal,
                        fmt::format("{} begins with neither ws:// nor wss://", in_quotes(target_.address)));
  if (url_.has_userinfo)
    co_return run_.fail(Cause::internal,
                        "the URL holds a user; write http_config with basic_auth into the module");
  if (Outcome failure = take_headers()) co_return failure;
  const SteadyTime started = now();
  Attempt<Stream> stream = co_await dial(run_, asio::ip::tcp::endpoint(address, url_.port), config_.network);
  if (!stream) co_return stream.error();
  const Duration connect = now() - started;
  run_.facts.set(kWebsocketDuration, seconds(connect), "phase=\"connect\"");
  processing.leave_out(connect);
  stream_.emplace(std::move(*stream));
  if (secure) {
    if (Outcome failure = co_await lookout::secure(run_, *stream_, config_.http_config.tls_config, tls_name(),
                                                   std::nullopt))
      co_return failure;
  }
  co_return co_await upgrade();
}

std::string WebsocketProbe::tls_name() const {
  const std::string& configured = config_.http_config.tls_config.server_name;
  if (!configured.empty()) return configured;
  if (!target_.hostname.empty()) return target_.hostname;
  return wanted_.host == url_.authority ? url_.host : host_without_port(wanted_.host);
}

// What the upgrade's request says besides that it is one.
Outcome WebsocketProbe::take_headers() {
  wanted_.path = url_.path;
  wanted_.host = target_.hostname.empty() ? url_.authority : target_.hostname;
  wanted_.headers = {{"User-Agent", "Go-http-client/1.1"}};
  const Attempt<std::optional<std::string>> authorization = read_authorization(run_, config_.http_config);
  if (!authorization) return authorization.error();
  if (*authorization && !(*authorization)->ends_with(' '))
    wanted_.headers.push_back({"Authorization", **authorization});
  Attempt<std::vector<HttpHeader>> own = read_http_headers(run_, header_values(config_));
  if (!own) return own.error();
  for (HttpHeader& header : *own) {
    if (is_of_upgrade(header.name))
      return run_.fail(Cause::internal,
                       fmt::format("the header {} belongs to the upgrade itself", header.name));
    if (same_header_name(header.name, "Host")) {
      wanted_.host = header.value;
    } else {
      wanted_.headers.push_back(std::move(header));
    }
  }
  return std::nullopt;
}

Task<Outcome> WebsocketProbe::upgrade() {
  run_.enter(Stage::request);
  const std::string key = websocket_key();
  if (key.empty()) co_return run_.fail(Cause::internal, "no random numbers for a key");
  const std::string request = upgrade_request(wanted_, key);
  if (Outcome failure = co_await stream_->write_all(run_, request)) co_return failure;
  run_.enter(Stage::response);
  Attempt<UpgradeHead> head = co_await read_upgrade_head(run_, *stream_);
  if (!head) co_return head.error();
  const UpgradeAnswer answer = read_upgrade_answer(head->text, key);
  run_.note(fmt::format("upgrade answered with status {}", answer.status));
  run_.facts.set(kWebsocketStatus, answer.status);
  if (Outcome failure = judge(answer)) co_return failure;
  run_.facts.set(kWebsocketUpgraded, 1);
  early_ = std::move(head->early);
  co_return std::nullopt;
}

Outcome WebsocketProbe::judge(const UpgradeAnswer& answer) const {
  if (answer.status == 0) return run_.fail(Cause::protocol, "the answer to the upgrade is no HTTP/1.1");
  if (answer.status != 101)
    return run_.fail(Cause::status,
                     fmt::format("the upgrade was answered with status {} instead of 101", answer.status));
  if (answer.broken_rule.empty()) return std::nullopt;
  return run_.fail(Cause::protocol,
                   fmt::format("the answer to the upgrade is not right: {}", answer.broken_rule));
}

Task<Outcome> WebsocketProbe::take_step(WebsocketMessages& messages, const QueryResponse& step,
                                        ExpectInfo& info) {
  std::vector<std::string> groups;
  if (step.awaits_something()) {
    run_.enter(Stage::response);
    const Attempt<std::string> message = co_await messages.receive(run_);
    if (!message) co_return message.error();
    Attempt<std::vector<std::string>> judged = judge_message(run_, step, *message);
    if (!judged) co_return judged.error();
    groups = std::move(*judged);
    info.set(step, groups);
  }
  const std::string payload = step.payload(groups);
  if (payload.empty()) co_return std::nullopt;
  run_.enter(Stage::request);
  co_return co_await messages.send(
      run_, step.send_hex.bytes.empty() ? WebsocketOpcode::text : WebsocketOpcode::binary, payload);
}

Task<Outcome> WebsocketProbe::talk() {
  const Phase transfer(run_.facts, "phase=\"transfer\"");
  DialogueFact fact(run_.facts);
  ExpectInfo info(run_.facts);
  WebsocketMessages messages(*stream_, std::move(early_));
  for (const QueryResponse& step : config_.query_response) {
    if (Outcome failure = co_await take_step(messages, step, info)) co_return failure;
  }
  fact.ended();
  co_await messages.close(run_);
  co_return std::nullopt;
}

}  // namespace

Task<Outcome> probe_websocket(const WebsocketConfig& config, const Target& target, ProbeRun& run) {
  WebsocketProbe probe(config, target, run);
  co_return co_await probe.hold();
}

}  // namespace lookout
