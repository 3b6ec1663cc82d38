#include "probes/core/config_rules.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace lookout {

void allow_one(ConfigReader& reader, std::initializer_list<GivenKey> keys) {
  const GivenKey* first = nullptr;
  for (const GivenKey& each : keys) {
    if (!each.given) continue;
    if (first != nullptr) {
      reader.problem(each.key, fmt::format("write {} or {}, not both", first->key, each.key));
    } else {
      first = &each;
    }
  }
}

void demand_one(ConfigReader& reader, std::initializer_list<GivenKey> keys, std::string otherwise) {
  allow_one(reader, keys);
  if (std::ranges::none_of(keys, &GivenKey::given)) reader.problem(keys.begin()->key, std::move(otherwise));
}

}  // namespace lookout
