// Computes a checked expression for one body. Errors are values: && and || may absorb them. Bounded by its
// budget whatever body and expression are. Pure.
#pragma once

#include "probes/match/cel_ast.h"

namespace lookout::cel {

Result<Value> evaluate(const Node& root, std::size_t slots, const Value& body, Budget& budget);

}  // namespace lookout::cel
