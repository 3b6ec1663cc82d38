// Variables of the environment in the values of a YAML document: ${NAME}, ${NAME:-default} where it is unset
// or empty, and $${ for the characters ${ themselves. Never in keys. What begins with a digit, as ${1} does,
// is no variable. Pure but for the environment that it is given.
#pragma once

#include "probes/core/yaml.h"

namespace lookout {

using Environment = const char* (*)(const char* name);

// A variable that is not defined is a problem at the value that names it.
YamlNode expand_variables(const YamlNode& node, Environment environment, Problems& problems);

}  // namespace lookout
