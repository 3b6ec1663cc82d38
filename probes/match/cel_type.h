// What the checker knows of a value before there is one. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/match/cel_functions.h"

namespace lookout::cel {

struct Type {
  std::optional<Kind> kind;      // none: only the value will tell
  std::vector<Type> parameters;  // of a list its items', of a map its keys' and values'

  bool is_dynamic() const { return !kind.has_value(); }
  bool may_be(Kind other) const { return is_dynamic() || *kind == other; }
  bool operator==(const Type&) const = default;
};

inline Type dynamic_type() { return {}; }
inline Type plain_type(Kind kind) { return {kind, {}}; }
Type list_type(Type item);
Type map_type(Type key, Type value);
std::string described(const Type& type);  // list(int), dyn

// Whether values of both may be of one type.
bool compatible(const Type& left, const Type& right);
// The type of a value that is of either.
Type joined(const Type& left, const Type& right);

// What an overload gives for arguments of these types; nullopt if it does not take them.
std::optional<Type> result_of(const Overload& overload, const std::vector<Type>& arguments);

}  // namespace lookout::cel
