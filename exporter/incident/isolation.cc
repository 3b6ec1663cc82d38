#include "exporter/incident/isolation.h"

#include <algorithm>
#include <iterator>

namespace lookout {

bool isolated_by(std::span<const std::optional<Verdict>> references) {
  return std::ranges::count(references, std::optional(Verdict::down)) * 2 > std::ssize(references);
}

}  // namespace lookout
