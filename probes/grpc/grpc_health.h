// The two messages of grpc.health.v1.Health/Check, one text in and one number out, in the wire form of
// protocol buffers. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lookout {

// In the order of their numbers.
inline constexpr std::array<std::string_view, 4> kServingStatuses{"UNKNOWN", "SERVING", "NOT_SERVING",
                                                                  "SERVICE_UNKNOWN"};
inline constexpr std::uint64_t kServing = 1;

std::string health_request(std::string_view service);

// The number of the serving status, which may be one that has no name here; 0 if the message does not tell.
// nullopt: no such message.
std::optional<std::uint64_t> parse_health_response(std::string_view message);

}  // namespace lookout
