// The operators and functions of CEL's standard library, one row per overload: what it takes, what it gives,
// and the code. The checker reads the types, evaluation calls the code. Pure.
#pragma once

#include <span>
#include <string_view>

#include "probes/match/cel_value.h"

namespace lookout::cel {

// A type in an overload. a and b stand for any type, the same wherever they stand; ordered for one with < and
// >, the same on both sides.
enum class Pattern : std::uint8_t {
  none,
  any,
  a,
  b,
  ordered,
  boolean,
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  timestamp,
  duration,
  type,
  list_of_a,
  map_of_a_to_b,
};

struct Overload {
  enum class Form : std::uint8_t { global, member, either };
  using Code = Result<Value> (*)(std::span<const Value> arguments, Budget& budget);

  std::string_view name;
  Form form = Form::global;
  Pattern result = Pattern::none;
  Pattern first = Pattern::none, second = Pattern::none;
  Code code = nullptr;
  // Only values that show their type late, as those of a body do, may meet in this way.
  bool only_dynamic = false;

  std::size_t arguments() const { return first == Pattern::none ? 0 : second == Pattern::none ? 1 : 2; }
  bool accepts(std::span<const Value> values) const;
};

// All overloads of a name, in a row.
std::span<const Overload> overloads_of(std::string_view name);
std::span<const std::string_view> function_names();  // without operators

// Runs the first that accepts the arguments.
Result<Value> call(std::span<const Overload> overloads, std::span<const Value> arguments, Budget& budget);

}  // namespace lookout::cel
