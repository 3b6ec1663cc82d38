// Where a configuration names targets: that they are there, and that none depends on itself. Checked once all
// files are read, as a name may stand in a later one. Pure.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/config.h"
#include "probes/core/yaml.h"

namespace lookout {

struct TargetReference {
  std::string key;   // it stands under
  std::string name;  // of the target that is meant
  std::string from;  // the target whose depends_on it is; otherwise empty
  std::string file;
  Mark mark;
};

// Of a list of names; what is no list or no name is told elsewhere.
void collect_references(std::string_view key, const YamlNode& list, const std::string& from,
                        const std::string& file, std::vector<TargetReference>& references);

// Of one name; nothing if there is none.
void collect_reference(std::string_view key, const YamlNode& name, const std::string& file,
                       std::vector<TargetReference>& references);

using Targets = std::span<const std::shared_ptr<const TargetConfig>>;
void report_unknown_names(std::span<const TargetReference> references, Targets targets, Problems& problems);
// Each circle once, where it is closed.
void report_circles(std::span<const TargetReference> references, Targets targets, Problems& problems);

}  // namespace lookout
