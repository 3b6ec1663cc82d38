#include "probes/dns/dns_exchange.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fmt/format.h>

#include "probes/dns/dns.h"
#include "probes/dns/dns_https.h"
#include "probes/net/services.h"
#include "probes/net/stream.h"

namespace lookout {
namespace {

using UdpSocket = asio::basic_datagram_socket<asio::ip::udp, Executor>;
namespace errors = asio::error;

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

// Everything that fails at once on a UDP socket is about this host: addresses, routes, descriptors.
Outcome connect_udp(ProbeRun& run, UdpSocket& socket, const DnsExchange& exchange) {
  const asio::ip::udp::endpoint server(exchange.address, exchange.port);
  boost::system::error_code error;
  socket.open(server.protocol(), error);
  if (!error && exchange.source) {
    socket.bind({*exchange.source, 0}, error);
    if (error) {
      return run.fail(Cause::internal,
                      fmt::format("cannot send from {}: {}", exchange.source->to_string(), error.message()));
    }
  }
  if (!error) socket.connect(server, error);
  if (!error) return std::nullopt;
  return run.fail(Cause::internal,
                  fmt::format("cannot reach {} from here: {}", endpoint_text(exchange), error.message()));
}

Failure udp_failure(const ProbeRun& run, const DnsExchange& exchange,
                    const boost::system::error_code& error) {
  const std::string where = endpoint_text(exchange);
  if (error == errors::connection_refused) {
    return run.fail(Cause::refused,
                    fmt::format("nothing listens on UDP port {} (ICMP port unreachable)", where));
  }
  if (error == errors::host_unreachable || error == errors::network_unreachable) {
    return run.fail(Cause::unreachable, fmt::format("{}: {}", where, error.message()));
  }
  return run.fail(Cause::internal, fmt::format("{}: {}", where, error.message()));
}

Task<Attempt<DnsAnswer>> exchange_over_udp(ProbeRun& run, const DnsExchange& exchange) {
  ExchangeClock clock(run);
  run.enter(Stage::connect);
  UdpSocket socket(run.services.loop().get_executor());
  if (Outcome failure = connect_udp(run, socket, exchange)) co_return *failure;

  run.enter(Stage::request);
  clock.ask();
  auto [send_error, sent] = co_await socket.async_send(asio::buffer(exchange.query), use_tuple);
  if (send_error == errors::operation_aborted) throw boost::system::system_error(send_error);
  if (send_error) {
    co_return run.fail(Cause::internal,
                       fmt::format("cannot send to {}: {}", endpoint_text(exchange), send_error.message()));
  }

  run.enter(Stage::response);
  std::vector<char> buffer(exchange.largest_udp_answer + 1);  // one more, to see that there was more
  while (true) {
    auto [error, size] = co_await socket.async_receive(asio::buffer(buffer), use_tuple);
    if (error == errors::operation_aborted) throw boost::system::system_error(error);
    if (error) co_return udp_failure(run, exchange, error);
    const std::string_view message(buffer.data(), size);
    if (const auto id = dns_message_id(message); id && id != dns_message_id(exchange.query)) {
      run.note("passed over a message with another id");
      continue;
    }
    if (size > exchange.largest_udp_answer) {
      co_return run.fail(
          Cause::protocol,
          fmt::format("an answer of more than {} bytes over UDP{}", exchange.largest_udp_answer,
                      exchange.largest_udp_answer == kMaximumUdpAnswer ? " without EDNS"
                                                                       : ", which were not asked for"));
    }
    co_return parse(run, message);
  }
}

Task<Attempt<std::string>> read_exactly(ProbeRun& run, Stream& stream, std::size_t size) {
  std::string received;
  std::array<char, 4096> buffer;
  while (received.size() < size) {
    const std::size_t wanted = std::min(buffer.size(), size - received.size());
    Attempt<std::size_t> count = co_await stream.read_some(run, std::span<char>(buffer).first(wanted));
    if (!count) co_return count.error();
    if (*count == 0) {
      co_return run.fail(Cause::closed,
                         fmt::format("the server closed after {} of {} bytes", received.size(), size));
    }
    received.append(buffer.data(), *count);
  }
  co_return received;
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
      co_await dial(run, asio::ip::tcp::endpoint(exchange.address, exchange.port), exchange.source);
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
