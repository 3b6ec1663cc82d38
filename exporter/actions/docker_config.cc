#include "exporter/actions/docker_config.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporter/actions/exec_config.h"
#include "probes/core/config_rules.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

// As the engine has it: [a-zA-Z0-9][a-zA-Z0-9_.-]*
bool is_container_name(std::string_view name) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && is_alphanumeric(name.front()) && std::ranges::all_of(name, [&](char c) {
    return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
  });
}

void validate_name(std::string_view key, const std::string& name, ConfigReader& reader) {
  if (!reader.has(key) || is_container_name(name)) return;
  reader.problem(
      key, fmt::format("{} is no name of one container; it has letters, digits, _ . and -", in_quotes(name)));
}

}  // namespace

void validate(const DockerAction& action, ConfigReader& reader) {
  demand_one(reader, {{"restart", reader.has("restart")}, {"start", reader.has("start")}},
             "this action does nothing; write restart: and the name of the container");
  validate_name("restart", action.restart, reader);
  validate_name("start", action.start, reader);
  if (!action.socket.starts_with('/'))
    reader.problem("socket", "socket: write the path of the engine's socket, which begins with a slash");
  if (action.stop_timeout < Duration::zero() ||
      action.stop_timeout % std::chrono::seconds(1) != Duration::zero())
    reader.problem("stop_timeout", "stop_timeout: write whole seconds, e.g. 10s");
  if (action.stop_timeout >= action.timeout) {
    reader.problem("stop_timeout",
                   fmt::format("stop_timeout: {} leaves no time within the timeout of {} to start again",
                               print_duration(action.stop_timeout), print_duration(action.timeout)));
  }
  validate_action_timeout(action.timeout, reader);
}

}  // namespace lookout
