// URL parameters of /probe that set a field of the module for one probe. A module lists those that it allows
// under allow_parameters, because whoever may ask for probes is not always whoever may choose what they say.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/registry.h"

namespace lookout {

std::vector<std::string_view> parameter_names();  // each once
// Whether modules of this kind have a field for it.
bool takes_parameter(const ProbeKind& kind, std::string_view name);

// A copy of the module with the field set; or why the value is refused, by the same rules as in the
// configuration.
std::variant<std::shared_ptr<const Module>, std::string> with_parameter(const Module& module,
                                                                        std::string_view name,
                                                                        const std::string& value);

}  // namespace lookout
