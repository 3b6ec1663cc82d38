// The URL of an HTTP server in the configuration of an action.
#pragma once

#include <string>

#include "probes/core/config_visitor.h"

namespace lookout {

// Its password is masked wherever a configuration is printed.
struct ServerUrl {
  std::string value;
  bool empty() const { return value.empty(); }
  bool operator==(const ServerUrl&) const = default;
};
bool read_config(const YamlNode& node, ServerUrl& value, Problems& problems);
std::string print_config(const ServerUrl& value);

}  // namespace lookout
