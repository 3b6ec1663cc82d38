#include "exporter/actions/action_config.h"

#include <algorithm>

#include <fmt/format.h>

#include "probes/core/config_rules.h"

namespace lookout {
namespace {

constexpr Duration kLongestTimeout = std::chrono::hours(1);

}  // namespace

Duration ActionConfig::timeout() const { return exec->timeout; }

std::string_view ActionConfig::kind() const { return "exec"; }

bool ActionConfig::restarts() const {
  return std::ranges::any_of(exec->argv, [](const std::string& word) {
    return word == "restart" || word == "reload-or-restart" || word == "try-restart";
  });
}

void validate(const ActionConfig& action, ConfigReader& reader) {
  allow_one(reader, {{"exec", reader.has("exec")}});
  if (!reader.has("exec")) reader.problem("exec", "this action does nothing; write exec: and what to run");
}

void validate_action_timeout(Duration timeout, ConfigReader& reader) {
  if (timeout <= Duration::zero() || timeout > kLongestTimeout)
    reader.problem("timeout", fmt::format("timeout: {} is out of range; write more than 0s and at most {}",
                                          print_duration(timeout), print_duration(kLongestTimeout)));
}

void validate(const ExecAction& action, ConfigReader& reader) {
  if (action.argv.empty() || action.argv.front().empty())
    reader.problem("argv", "argv: names no program; write a list, e.g. [systemctl, restart, shop.service]");
  validate_action_timeout(action.timeout, reader);
}

}  // namespace lookout
