// Values of the expression language CEL, as cel-go has them: what a JSON body becomes and what expressions
// compute. Immutable and cheap to copy; they may cross loops. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>

#include "probes/core/clock.h"
#include "probes/match/cel_time.h"

namespace lookout::cel {

struct Value;
struct MapEntries;
using Text = std::shared_ptr<const std::string>;
using List = std::shared_ptr<const std::vector<Value>>;
using Map = std::shared_ptr<const MapEntries>;

struct Bytes {
  Text data;
};
struct TypeName {
  std::string_view name;  // of a text that never ends: kind_name()
};

// In the order of Value's alternatives.
enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  timestamp,
  duration,
  type,
  list,
  map,
};
std::string_view kind_name(Kind kind);  // as type() gives it: int, double, google.protobuf.Timestamp

struct Value {
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Text, Bytes, Timestamp, Duration,
               TypeName, List, Map>
      data;

  Kind kind() const { return static_cast<Kind>(data.index()); }
  template <class T>
  const T& as() const {
    return *std::get_if<T>(&data);
  }
  const std::string& text() const { return *as<Text>(); }
  bool is_number() const { return kind() >= Kind::integer && kind() <= Kind::real; }
  bool is_true() const { return kind() == Kind::boolean && as<bool>(); }
  bool is_false() const { return kind() == Kind::boolean && !as<bool>(); }
};

Value text_value(std::string text);
Value list_value(std::vector<Value> items);
// Of several entries with one key the last counts. Keys are booleans, integers or strings.
Value map_value(std::vector<std::pair<Value, Value>> entries);

struct MapEntries {
  std::vector<std::pair<Value, Value>> sorted;  // by key, numbers by value
  const Value* find(const Value& key) const;    // numbers of all kinds find each other
};

// Why an expression has no value. limit: it would have taken more than we are willing to spend.
struct Error {
  std::string message;
  bool limit = false;
};
template <class T>
using Result = boost::system::result<T, Error>;
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& location);

// What is left to be spent on one evaluation. A step is the work of one operator, or some bytes looked at.
class Budget {
 public:
  explicit Budget(std::uint64_t steps) : steps_(steps) {}
  bool spend(std::uint64_t steps) {
    steps_ = steps < steps_ ? steps_ - steps : 0;
    return steps_ > 0;
  }
  bool spend_bytes(std::size_t bytes) { return spend(1 + bytes / kBytesOfAStep); }
  bool spent() const { return steps_ == 0; }

 private:
  static constexpr std::size_t kBytesOfAStep = 32;
  std::uint64_t steps_;
};

// Values of different kinds are unequal, but for numbers. False, too, where the budget ends.
bool equal(const Value& left, const Value& right, Budget& budget);
enum class Order : std::uint8_t { less, same, greater, none };  // none: not comparable, or NaN
Order compare(const Value& left, const Value& right, Budget& budget);

}  // namespace lookout::cel
