// Finds in a parsed expression what would fail whatever the body is: unknown names and functions, wrong
// numbers of arguments, types that never fit. Notes in the tree where evaluation finds variables and code.
// Pure.
#pragma once

#include "probes/match/cel_ast.h"
#include "probes/match/cel_lexer.h"

namespace lookout::cel {

// nullopt: well. slots: how many variables evaluation needs room for.
std::optional<Mistake> check_expression(Node& root, std::size_t& slots);

}  // namespace lookout::cel
