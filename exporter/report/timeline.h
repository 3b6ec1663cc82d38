// Bars of stages that follow each other, on a common scale. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "probes/core/clock.h"

namespace lookout {

// A bar from `start` to `end` of `whole`, on `cells` columns; trailing blanks are left out. Whatever took any
// time shows.
std::string timeline_bar(Duration start, Duration end, Duration whole, std::size_t cells, bool unicode);

}  // namespace lookout
