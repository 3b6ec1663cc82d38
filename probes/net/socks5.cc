#include "probes/net/socks5.h"

#include <array>
#include <span>

#include <fmt/format.h>

#include "probes/net/dial.h"
#include "probes/net/http_connect.h"

namespace lookout {
namespace {

constexpr char kVersion5 = 5;
constexpr char kNoLogin = 0, kLogin = 2, kNoMethod = '\xff';
constexpr char kIpv4 = 1, kName = 3, kIpv6 = 4;
constexpr std::size_t kLongest = 255;  // a length is one byte

Task<Attempt<std::string>> ask(ProbeRun& run, Stream& stream, std::string question, std::size_t answer) {
  if (Outcome failure = co_await stream.write_all(run, question)) co_return *failure;
  co_return co_await read_exactly(run, stream, answer);
}

std::string with_length(std::string_view text) {
  return std::string(1, static_cast<char>(text.size())).append(text);
}

Task<Outcome> log_in(ProbeRun& run, Stream& stream, std::string userinfo) {
  const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
  const std::string user = userinfo.substr(0, colon);
  const std::string password = userinfo.substr(std::min(colon + 1, userinfo.size()));
  const Attempt<std::string> answer =
      co_await ask(run, stream, '\1' + with_length(user) + with_length(password), 2);
  if (!answer) co_return answer.error();
  if ((*answer)[1] != 0) co_return run.fail(Cause::refused, "the SOCKS5 proxy refused user and password");
  co_return std::nullopt;
}

Task<Outcome> agree(ProbeRun& run, Stream& stream, std::string userinfo) {
  const std::string methods =
      userinfo.empty() ? std::string{kVersion5, 1, kNoLogin} : std::string{kVersion5, 2, kNoLogin, kLogin};
  const Attempt<std::string> answer = co_await ask(run, stream, methods, 2);
  if (!answer) co_return answer.error();
  const char chosen = (*answer)[1];
  if ((*answer)[0] != kVersion5) co_return run.fail(Cause::protocol, "the proxy does not speak SOCKS5");
  if (chosen == kNoMethod)
    co_return run.fail(Cause::refused, userinfo.empty() ? "the SOCKS5 proxy wants user and password"
                                                        : "the SOCKS5 proxy refuses to be logged in to");
  if (chosen == kLogin && !userinfo.empty()) co_return co_await log_in(run, stream, std::move(userinfo));
  if (chosen != kNoLogin)
    co_return run.fail(Cause::protocol, "the SOCKS5 proxy chose what it was not offered");
  co_return std::nullopt;
}

std::string destination(const Socks5Request& request) {
  std::string text{kVersion5, 1, 0};  // connect
  if (const std::optional<IpAddress> address = parse_ip(request.host); !address) {
    text += kName + with_length(request.host);
  } else if (address->is_v4()) {
    const auto bytes = address->to_v4().to_bytes();
    text += kIpv4 + std::string(bytes.begin(), bytes.end());
  } else {
    const auto bytes = address->to_v6().to_bytes();
    text += kIpv6 + std::string(bytes.begin(), bytes.end());
  }
  return text + static_cast<char>(request.port >> 8) + static_cast<char>(request.port & 255);
}

Outcome judge(const ProbeRun& run, const Socks5Request& request, char answer) {
  constexpr std::array<std::string_view, 9> kReasons{"",
                                                     "it failed",
                                                     "its rules forbid it",
                                                     "no route to the network",
                                                     "no route to the host",
                                                     "refused",
                                                     "TTL expired",
                                                     "it does not know how to",
                                                     "it does not know the address's form"};
  const auto code = static_cast<unsigned char>(answer);
  if (code == 0) return std::nullopt;
  const bool unreachable = code == 3 || code == 4 || code == 6;
  return run.fail(unreachable ? Cause::unreachable : Cause::refused,
                  fmt::format("the SOCKS5 proxy cannot connect to {}: {}", request.host,
                              code < kReasons.size() ? kReasons[code] : "for a reason of its own"));
}

}  // namespace

Task<Outcome> ask_socks5(ProbeRun& run, Stream& stream, Socks5Request request) {
  const std::size_t colon = std::min(request.userinfo.find(':'), request.userinfo.size());
  if (colon > kLongest || request.userinfo.size() > colon + 1 + kLongest)
    co_return run.fail(Cause::internal, "SOCKS5 carries at most 255 bytes of user and of password");
  if (request.host.size() > kLongest)
    co_return run.fail(Cause::internal, "SOCKS5 carries at most 255 bytes of a name");
  if (Outcome failure = co_await agree(run, stream, request.userinfo)) co_return failure;
  const Attempt<std::string> answer = co_await ask(run, stream, destination(request), 4);
  if (!answer) co_return answer.error();
  if ((*answer)[0] != kVersion5) co_return run.fail(Cause::protocol, "the proxy does not speak SOCKS5");
  if (Outcome failure = judge(run, request, (*answer)[1])) co_return failure;
  // The address that the proxy connected from, which nobody asks for.
  std::size_t rest = 0;
  switch ((*answer)[3]) {
    case kIpv4:
      rest = 4 + 2;
      break;
    case kIpv6:
      rest = 16 + 2;
      break;
    case kName: {
      const Attempt<std::string> length = co_await read_exactly(run, stream, 1);
      if (!length) co_return length.error();
      rest = static_cast<unsigned char>((*length)[0]) + std::size_t{2};
      break;
    }
    default:
      co_return run.fail(Cause::protocol, "the SOCKS5 proxy answered with an address of no known form");
  }
  const Attempt<std::string> bound = co_await read_exactly(run, stream, rest);
  if (!bound) co_return bound.error();
  co_return std::nullopt;
}

Task<Attempt<Stream>> dial_through_socks5(ProbeRun& run, const NetworkOptions& network, HttpUrl proxy,
                                          std::string host, std::uint16_t port) {
  const Attempt<IpAddress> address = co_await resolve_aside(run, proxy.host, network, nullptr);
  if (!address) co_return of_proxy(address.error());
  Attempt<Stream> stream = co_await dial(run, asio::ip::tcp::endpoint(*address, proxy.port), network);
  if (!stream) co_return of_proxy(stream.error());
  const Outcome failure = co_await ask_socks5(run, *stream, {std::move(host), port, proxy.userinfo});
  if (failure) co_return of_proxy(*failure);
  co_return stream;
}

}  // namespace lookout
