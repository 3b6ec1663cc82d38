// The tree of a CEL expression: what the parser makes of the text, what the checker adds, what evaluation
// walks. Immutable once checked; shared by all loops.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probes/match/cel_value.h"
#include "probes/match/regex.h"

namespace lookout::cel {

struct Overload;

// Deep enough for any expression of a person's, and little enough for a stack.
inline constexpr int kDeepestExpression = 250;

enum class Macro : std::uint8_t { all, exists, exists_one, map, filter };

struct Node {
  enum class Kind : std::uint8_t {
    literal,
    name,           // `name`; the checker finds `slot`, or makes it a literal
    select,         // children: operand; `name` is the field
    has,            // likewise
    call,           // children: arguments, of `x.f(y)` x first
    list,           // children: items
    map,            // children: key, value, key, value, ...
    logic_and,      // children: two or more terms
    logic_or,       //
    conditional,    // children: condition, then, else
    comprehension,  // children: range, predicate or null, transform or null; `name` is the variable
  };

  Kind kind = Kind::literal;
  Macro macro = Macro::all;
  bool member = false;  // a call written x.f(y)
  int depth = 1;
  std::size_t offset = 0;
  std::string name;
  Value literal;
  std::vector<std::unique_ptr<Node>> children;

  std::size_t slot = 0;                 // of a variable; body has 0
  std::span<const Overload> overloads;  // of a call, those of its name, form and number of arguments
  std::optional<Regex> pattern;         // of matches(), where the pattern is a literal
};
using NodePtr = std::unique_ptr<Node>;

}  // namespace lookout::cel
