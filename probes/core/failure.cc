#include "probes/core/failure.h"

#include <cstdlib>

#include <fmt/format.h>

#include "probes/core/enum_names.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, kStageCount> kStageNames{"resolve", "connect",  "tls",
                                                                "request", "response", "match"};

struct CauseRow {
  std::string_view name;
  std::string_view sentence;
};
constexpr std::array<CauseRow, kCauseCount> kCauses{{
    {"timeout", "no answer came before the deadline"},
    {"refused", "the peer refused"},
    {"unreachable", "the network has no way to the peer"},
    {"closed", "the peer hung up in the middle"},
    {"not_found", "the name does not exist or has no usable address"},
    {"protocol", "the peer does not speak the protocol that was asked of it"},
    {"status", "the peer answered that it is unwell"},
    {"mismatch", "the answer does not have the content that is expected"},
    {"limit", "the answer is larger than what is accepted"},
    {"certificate_expired", "the certificate is expired or not yet valid"},
    {"certificate_untrusted", "the certificate does not lead to a trusted authority"},
    {"certificate_name", "the certificate belongs to another name"},
    {"internal", "the fault is on this side, not the target's"},
}};

}  // namespace

std::string_view name(Stage stage) { return kStageNames.at(static_cast<std::size_t>(stage)); }

std::string_view name(Cause cause) { return kCauses.at(static_cast<std::size_t>(cause)).name; }

std::string_view sentence(Cause cause) { return kCauses.at(static_cast<std::size_t>(cause)).sentence; }

std::optional<Stage> parse_stage(std::string_view text) { return parse_name<Stage>(kStageNames, text); }

std::optional<Cause> parse_cause(std::string_view text) {
  for (std::size_t index = 0; index < kCauses.size(); ++index) {
    if (kCauses[index].name == text) return static_cast<Cause>(index);
  }
  return std::nullopt;
}

std::string key(const Failure& failure) {
  return fmt::format("{}/{}", name(failure.stage), name(failure.cause));
}

void throw_exception_from_error(const Failure& failure, const boost::source_location& location) {
  fmt::print(stderr, "{}:{}: value() of a failed attempt: {}: {}\n", location.file_name(), location.line(),
             key(failure), failure.detail);
  std::abort();
}

}  // namespace lookout
