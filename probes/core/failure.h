// Why a probe failed, as data: the stage it had reached x the cause. Both sets are closed, because they are
// metric labels, keys that recovery plans match on, and what tests assert.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace lookout {

// In the order in which a probe passes through them; a kind skips the stages that it does not have.
enum class Stage : std::uint8_t { resolve, connect, tls, request, response, match };

enum class Cause : std::uint8_t {
  timeout,                // the deadline passed
  refused,                // the peer said no: RST on connect, REFUSED rcode
  unreachable,            // the network said no: ICMP unreachable, TTL exceeded
  closed,                 // the peer hung up in the middle
  not_found,              // the name does not exist, or has no address of the wanted family
  protocol,               // the peer does not speak what was asked of it
  status,                 // it spoke, and said that it is unwell: HTTP status, DNS rcode
  mismatch,               // a check of the content failed
  limit,                  // more than we are willing to take: body, line, redirects
  certificate_expired,    // expired or not yet valid
  certificate_untrusted,  // no chain to a trusted root
  certificate_name,       // valid, but for another name
  internal,  // our own fault: no descriptors, no route from here, unreadable secret, stalled loop
};

inline constexpr std::size_t kStageCount = 6;
inline constexpr std::size_t kCauseCount = 13;

std::string_view name(Stage stage);
std::string_view name(Cause cause);
std::optional<Stage> parse_stage(std::string_view text);
std::optional<Cause> parse_cause(std::string_view text);

// For people: what a failure of this cause means, without a subject ("the peer refused the connection").
std::string_view sentence(Cause cause);

struct Failure {
  Stage stage = Stage::connect;
  Cause cause = Cause::internal;
  std::string detail;  // for people; holds no secret, at most kMaximumDetail bytes

  static constexpr std::size_t kMaximumDetail = 512;
  bool operator==(const Failure&) const = default;
};

// "connect/refused"
std::string key(const Failure& failure);

// nullopt: the target did what was asked of it.
using Outcome = std::optional<Failure>;

// A value, or the failure that ends the probe. Check it as a bool, then use *; never value().
template <class T>
using Attempt = boost::system::result<T, Failure>;

// Required by boost::system::result for value(), which nobody calls.
[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& location);

}  // namespace lookout
