// The code behind the operators of CEL: arithmetic that never overflows unnoticed, comparison, membership,
// indexing, sizes and searches. Every function takes what its overload says. Pure.
#pragma once

#include <span>

#include "probes/match/cel_value.h"

namespace lookout::cel {

using Arguments = std::span<const Value>;

template <class T>
Result<Value> add_numbers(Arguments arguments, Budget& budget);
template <class T>
Result<Value> subtract_numbers(Arguments arguments, Budget& budget);
template <class T>
Result<Value> multiply_numbers(Arguments arguments, Budget& budget);
template <class T>
Result<Value> divide_numbers(Arguments arguments, Budget& budget);
template <class T>
Result<Value> remainder_of_numbers(Arguments arguments, Budget& budget);
template <class T>
Result<Value> negate_number(Arguments arguments, Budget& budget);

Result<Value> add_strings(Arguments arguments, Budget& budget);
Result<Value> add_bytes(Arguments arguments, Budget& budget);
Result<Value> add_lists(Arguments arguments, Budget& budget);
Result<Value> add_times(Arguments arguments, Budget& budget);       // timestamp and duration, in any order
Result<Value> subtract_times(Arguments arguments, Budget& budget);  // a timestamp or a duration of one
Result<Value> add_durations(Arguments arguments, Budget& budget);
Result<Value> subtract_durations(Arguments arguments, Budget& budget);

Result<Value> is_equal(Arguments arguments, Budget& budget);
Result<Value> is_unequal(Arguments arguments, Budget& budget);
Result<Value> is_less(Arguments arguments, Budget& budget);
Result<Value> is_at_most(Arguments arguments, Budget& budget);
Result<Value> is_greater(Arguments arguments, Budget& budget);
Result<Value> is_at_least(Arguments arguments, Budget& budget);
Result<Value> negate_boolean(Arguments arguments, Budget& budget);

Result<Value> is_in_list(Arguments arguments, Budget& budget);
Result<Value> is_in_map(Arguments arguments, Budget& budget);
Result<Value> item_of_list(Arguments arguments, Budget& budget);
Result<Value> value_of_map(Arguments arguments, Budget& budget);

Result<Value> size_of(Arguments arguments, Budget& budget);  // characters, bytes, items or entries
Result<Value> contains(Arguments arguments, Budget& budget);
Result<Value> starts_with(Arguments arguments, Budget& budget);
Result<Value> ends_with(Arguments arguments, Budget& budget);
Result<Value> matches_pattern(Arguments arguments, Budget& budget);

}  // namespace lookout::cel
