// The code behind CEL's conversions, int("5") and the like, and behind the getters of times. Pure.
#pragma once

#include "probes/match/cel_operators.h"

namespace lookout::cel {

Result<Value> to_integer(Arguments arguments, Budget& budget);
Result<Value> to_unsigned(Arguments arguments, Budget& budget);
Result<Value> to_real(Arguments arguments, Budget& budget);
Result<Value> to_boolean(Arguments arguments, Budget& budget);
Result<Value> to_string(Arguments arguments, Budget& budget);
Result<Value> to_bytes(Arguments arguments, Budget& budget);
Result<Value> to_timestamp(Arguments arguments, Budget& budget);
Result<Value> to_duration(Arguments arguments, Budget& budget);
Result<Value> to_itself(Arguments arguments, Budget& budget);
Result<Value> to_type(Arguments arguments, Budget& budget);

// Of a timestamp, in the time zone of the second argument if there is one.
template <std::int64_t CalendarFields::* field, int added = 0>
Result<Value> calendar_field(Arguments arguments, Budget& budget);
// The whole duration in that unit, cut off.
template <std::int64_t nanoseconds>
Result<Value> whole_units(Arguments arguments, Budget&) {
  return Value{arguments[0].as<Duration>().count() / nanoseconds};
}

Result<CalendarFields> fields_in_zone(Arguments arguments, Budget& budget);

template <std::int64_t CalendarFields::* field, int added>
Result<Value> calendar_field(Arguments arguments, Budget& budget) {
  const Result<CalendarFields> fields = fields_in_zone(arguments, budget);
  if (!fields) return fields.error();
  return Value{(*fields).*field + added};
}

}  // namespace lookout::cel
