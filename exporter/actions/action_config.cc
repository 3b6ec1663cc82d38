#include "exporter/actions/action_config.h"

#include <algorithm>

#include <fmt/format.h>

#include "probes/core/config_rules.h"

namespace lookout {
namespace {

constexpr Duration kLongestTimeout = std::chrono::hours(1);

bool restarts_something(const std::vector<std::string>& argv) {
  return std::ranges::any_of(argv, [](const std::string& word) {
    return word == "restart" || word == "reload-or-restart" || word == "try-restart";
  });
}

}  // namespace

Duration ActionConfig::timeout() const {
  if (http) return http->timeout;
  if (systemd) return systemd->timeout;
  if (docker) return docker->timeout;
  if (kubernetes) return kubernetes->timeout;
  return exec->timeout;
}

std::string_view ActionConfig::kind() const {
  if (http) return "http";
  if (systemd) return "systemd";
  if (docker) return "docker";
  if (kubernetes) return "kubernetes";
  return "exec";
}

bool ActionConfig::restarts() const {
  if (exec) return restarts_something(exec->argv);
  return systemd || docker || (kubernetes && (kubernetes->rollout_restart || kubernetes->delete_pod));
}

void validate(const ActionConfig& action, ConfigReader& reader) {
  demand_one(
      reader,
      {{"exec", reader.has("exec")},
       {"http", reader.has("http")},
       {"systemd", reader.has("systemd")},
       {"docker", reader.has("docker")},
       {"kubernetes", reader.has("kubernetes")}},
      "this action does nothing; write exec:, http:, systemd:, docker: or kubernetes:, and what to do");
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
