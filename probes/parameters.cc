#include "probes/parameters.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lookout {
namespace {

struct Parameter {
  std::string_view name;
  std::array<std::string_view, 3> path;  // of the field within the kind's block
  std::span<const std::string_view> steps() const {
    return {path.data(), static_cast<std::size_t>(std::ranges::find(path, "") - path.begin())};
  }
};

// Several rows of a name: kinds have that field in different places.
constexpr std::array<Parameter, 5> kParameters{
    {{"query_name", {"query_name"}},
     {"query_type", {"query_type"}},
     {"method", {"method"}},
     {"server_name", {"tls_config", "server_name"}},
     {"server_name", {"http_config", "tls_config", "server_name"}}}};

}  // namespace

std::vector<std::string_view> parameter_names() {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : kParameters) {
    if (std::ranges::find(names, parameter.name) == names.end()) names.push_back(parameter.name);
  }
  return names;
}

bool takes_parameter(const ProbeKind& kind, std::string_view name) {
  return std::ranges::any_of(kParameters, [&](const Parameter& parameter) {
    Problems ignored{std::string()};
    KindConfig config = kind.read(YamlNode(), ignored);
    return parameter.name == name && kind.set(config, parameter.steps(), "x", ignored);
  });
}

std::variant<std::shared_ptr<const Module>, std::string> with_parameter(const Module& module,
                                                                        std::string_view name,
                                                                        const std::string& value) {
  const auto refused = [&](std::string_view why) { return fmt::format("URL parameter {}: {}", name, why); };
  if (std::ranges::any_of(value, [](unsigned char c) { return c <= 0x20 || c == 0x7F; }))
    return refused("it holds a blank or a control character");
  auto changed = std::make_shared<Module>(module);
  for (const Parameter& parameter : kParameters) {
    if (parameter.name != name) continue;
    Problems problems{std::string()};
    if (!kind_of(module).set(changed->config, parameter.steps(), value, problems)) continue;
    if (!problems.empty()) return refused(problems.sorted().front().message);
    return changed;
  }
  return refused("this module has no such setting");
}

}  // namespace lookout
