// From the text of a CEL expression to its tree: precedence, literals, macros. Knows no names and no types.
// Pure.
#pragma once

#include <string_view>

#include "probes/match/cel_ast.h"
#include "probes/match/cel_lexer.h"

namespace lookout::cel {

Compiled<NodePtr> parse_expression(std::string_view expression);

}  // namespace lookout::cel
