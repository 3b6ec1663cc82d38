#include "probes/dns/dns_exchange.h"

#include <fmt/format.h>

#include "probes/dns/dns.h"
#include "probes/dns/dns_https.h"
#include "probes/net/datagrams.h"
#include "probes/net/dial.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

// Adds to the two phases when the exchange ends. blackbox_exporter's "connect" is all that is not the
// exchange of messages.
class ExchangeClock {
 public:
  explicit ExchangeClock(ProbeRun& run) : run_(run), start_(std::chrono::steady_clock::now()) {}
  ExchangeClock(const ExchangeClock&) = delete;
  ExchangeClock& operator=(const ExchangeClock&) = delete;
  ~ExchangeClock() {
    const SteadyTime end = std::chrono::steady_clock::now();
    const SteadyTime asked = asked_.value_or(end);
    run_.facts.add(kDnsDuration, seconds(asked - start_), "phase=\"connect\"");
    run_.facts.add(kDnsDuration, seconds(end - asked), "phase=\"request\"");
  }
  void ask() { asked_ = std::chrono::steady_clock::now(); }

 private:
  ProbeRun& run_;
  SteadyTime start_;
  std::optional<SteadyTime> asked_;
};

Attempt<DnsAnswer> parse(const ProbeRun& run, std::string_view message) {
  std::string error;
  std::optional<DnsAnswer> answer = parse_dns_answer(message, error);
  if (!answer) return run.fail(Cause::protocol, fmt::format("the answer is not a DNS response: {}", error));
  return std::move(*answer);
}

std::string endpoint_text(const DnsExchange& exchange) {
  const bool brackets = exchange.address.is_v6();
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", exchange.address.to_string(), brackets ? "]" : "",
                     exchange.port);
}

Task<Attempt<DnsAnswer>> exchange_over_udp(ProbeRun& run, const DnsExchange& exchange) {
  ExchangeClock clock(run);
  Attempt<Datagrams> server =
      open_datagrams(run, asio::ip::udp::endpoint(exchange.address, exchange.port), exchange.network);
  if (!server) co_return server.error();
  run.enter(Stage::request);
  clock.ask();
  if (Outcome failure = co_await server->send(run, exchange.query)) co_return *failure;

  run.enter(Stage::response);
  while (true) {
    const Attempt<std::string> message = co_await server->receive(run);
    if (!message) co_return message.error();
    if (const auto id = dns_message_id(*message); id && id != dns_message_id(exchange.query)) {
      run.note("passed over a message with another id");
      continue;
    }
    if (message->size() > exchange.largest_udp_answer) {
      co_return run.fail(
          Cause::protocol,
          fmt::format("an answer of more than {} bytes over UDP{}", exchange.largest_udp_answer,
                      exchange.largest_udp_answer == kMaximumUdpAnswer ? " without EDNS"
                                                                       : ", which were not asked for"));
    }
    co_return parse(run, *message);
  }
}

// RFC 1035 4.2.2: two bytes of length before each message.
std::string frame(const std::string& message) {
  std::string framed;
  framed += static_cast<char>(message.size() >> 8);
  framed += static_cast<char>(message.size());
  return framed + message;
}

std::size_t framed_size(const std::string& prefix) {
  return static_cast<std::size_t>(static_cast<std::uint8_t>(prefix[0]) << 8 |
                                  static_cast<std::uint8_t>(prefix[1]));
}

Task<Attempt<std::string>> exchange_frames(ProbeRun& run, Stream& stream, const std::string& query) {
  run.enter(Stage::request);
  const std::string request = frame(query);
  if (Outcome failure = co_await stream.write_all(run, request)) co_return *failure;
  run.enter(Stage::response);
  Attempt<std::string> prefix = co_await read_exactly(run, stream, 2);
  if (!prefix) co_return prefix.error();
  co_return co_await read_exactly(run, stream, framed_size(*prefix));
}

// What carries the messages of a connection.
Task<Attempt<Stream>> connect_stream(ProbeRun& run, const DnsExchange& exchange,
                                     std::shared_ptr<ssl_ctx_st> tls) {
  Attempt<Stream> stream =
      co_await dial(run, asio::ip::tcp::endpoint(exchange.address, exchange.port), exchange.network);
  if (!stream || !tls) co_return stream;
  if (Outcome failure = co_await stream->start_tls(run, std::move(tls), exchange.tls_name))
    co_return *failure;
  co_return stream;
}

Attempt<std::shared_ptr<ssl_ctx_st>> load_tls(const ProbeRun& run, const DnsExchange& exchange) {
  if (exchange.transport == DnsTransport::tcp) return std::shared_ptr<ssl_ctx_st>();
  const bool https = exchange.transport == DnsTransport::https;
  return run.services.tls().get(
      run, exchange.tls_config,
      https ? std::vector<std::string>{"h2", "http/1.1"} : std::vector<std::string>{});
}

Task<Attempt<DnsAnswer>> exchange_over_stream(ProbeRun& run, const DnsExchange& exchange) {
  Attempt<std::shared_ptr<ssl_ctx_st>> tls = load_tls(run, exchange);
  if (!tls) co_return tls.error();
  ExchangeClock clock(run);
  Attempt<Stream> stream = co_await connect_stream(run, exchange, std::move(*tls));
  if (!stream) co_return stream.error();
  clock.ask();
  const Attempt<std::string> message = co_await (
      exchange.transport == DnsTransport::https
          ? post_dns_query(run, *stream, {exchange.http_authority, exchange.http_path, exchange.query})
          : exchange_frames(run, *stream, exchange.query));
  if (!message) co_return message.error();
  if (const auto id = dns_message_id(*message); id && id != dns_message_id(exchange.query)) {
    co_return run.fail(Cause::protocol, "the answer has another id than the question");
  }
  co_return parse(run, *message);
}

}  // namespace

std::string_view name(DnsTransport transport) {
  switch (transport) {
    case DnsTransport::udp:
      return "UDP";
    case DnsTransport::tcp:
      return "TCP";
    case DnsTransport::tls:
      return "TLS";
    case DnsTransport::https:
      return "HTTPS";
  }
  std::abort();
}

Task<Attempt<DnsAnswer>> exchange_dns(ProbeRun& run, DnsExchange exchange) {
  run.note(fmt::format("asking {} over {}", endpoint_text(exchange), name(exchange.transport)));
  if (exchange.transport == DnsTransport::udp) co_return co_await exchange_over_udp(run, exchange);
  co_return co_await exchange_over_stream(run, exchange);
}

}  // namespace lookout
