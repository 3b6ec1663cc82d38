// --web.external-url and --web.route-prefix by blackbox_exporter's rules. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lookout {

// Without slashes at its end. nullopt: quoted, as a shell or a template may leave it.
std::optional<std::string> normal_external_url(std::string_view url);

// "/" or "/x/y/": the prefix as given, else the path of the external URL.
std::string normal_route_prefix(std::string_view prefix, std::string_view external_url);

}  // namespace lookout
