// Rules that many blocks share, for their validate(). Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "probes/core/config_visitor.h"

namespace lookout {

struct GivenKey {
  std::string_view key;
  bool given;
};

// States a problem at each further key when more than one is given.
void allow_one(ConfigReader& reader, std::initializer_list<GivenKey> keys);
// And `otherwise`, at the first of them, when none is.
void demand_one(ConfigReader& reader, std::initializer_list<GivenKey> keys, std::string otherwise);

}  // namespace lookout
