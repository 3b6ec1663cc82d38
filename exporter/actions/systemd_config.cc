#include "exporter/actions/systemd_config.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporter/actions/exec_config.h"
#include "probes/core/config_rules.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

// systemd.unit(5): at most 255 characters, of which the last are the kind. No pattern: an action is for one.
bool is_unit_name(std::string_view name) {
  constexpr std::size_t kLongest = 255;
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  };
  const std::size_t dot = name.rfind('.');
  return name.size() <= kLongest && dot != std::string_view::npos && dot > 0 && dot + 1 < name.size() &&
         std::ranges::all_of(name, is_allowed);
}

void validate_unit(std::string_view key, const std::string& name, ConfigReader& reader) {
  if (!reader.has(key) || is_unit_name(name)) return;
  reader.problem(
      key, fmt::format("{} is no name of one unit; write it in full, e.g. shop.service", in_quotes(name)));
}

}  // namespace

void validate(const SystemdAction& action, ConfigReader& reader) {
  demand_one(reader, {{"restart", reader.has("restart")}, {"start", reader.has("start")}},
             "this action does nothing; write restart: and the name of the unit");
  validate_unit("restart", action.restart, reader);
  validate_unit("start", action.start, reader);
  if (!action.socket.starts_with('/'))
    reader.problem("socket", "socket: write the path of the bus's socket, which begins with a slash");
  validate_action_timeout(action.timeout, reader);
}

}  // namespace lookout
