#include "probes/match/cel_type.h"

#include <utility>

#include <fmt/format.h>

namespace lookout::cel {
namespace {

// What a and b of one overload stand for.
struct Bindings {
  std::optional<Type> a, b;
};

bool settle(std::optional<Type>& bound, const Type& type) {
  if (bound && !compatible(*bound, type)) return false;
  bound = bound ? joined(*bound, type) : type;
  return true;
}

bool is_ordered(const Type& type) {
  if (type.is_dynamic()) return true;
  switch (*type.kind) {
    case Kind::null:
    case Kind::type:
    case Kind::list:
    case Kind::map:
      return false;
    default:
      return true;
  }
}

Type parameter(const Type& type, std::size_t index) {
  return index < type.parameters.size() ? type.parameters[index] : dynamic_type();
}

std::optional<Kind> kind_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::boolean:
      return Kind::boolean;
    case Pattern::integer:
      return Kind::integer;
    case Pattern::unsigned_integer:
      return Kind::unsigned_integer;
    case Pattern::real:
      return Kind::real;
    case Pattern::string:
      return Kind::string;
    case Pattern::bytes:
      return Kind::bytes;
    case Pattern::timestamp:
      return Kind::timestamp;
    case Pattern::duration:
      return Kind::duration;
    case Pattern::type:
      return Kind::type;
    case Pattern::list_of_a:
      return Kind::list;
    case Pattern::map_of_a_to_b:
      return Kind::map;
    default:
      return std::nullopt;
  }
}

bool fits(Pattern pattern, const Type& type, Bindings& bindings) {
  switch (pattern) {
    case Pattern::any:
      return true;
    case Pattern::a:
      return settle(bindings.a, type);
    case Pattern::ordered:
      return is_ordered(type) && settle(bindings.a, type);
    case Pattern::list_of_a:
      return type.may_be(Kind::list) && settle(bindings.a, parameter(type, 0));
    case Pattern::map_of_a_to_b:
      return type.may_be(Kind::map) && settle(bindings.a, parameter(type, 0)) &&
             settle(bindings.b, parameter(type, 1));
    default:
      return type.may_be(*kind_of(pattern));
  }
}

Type made_of(Pattern pattern, const Bindings& bindings) {
  const Type a = bindings.a.value_or(dynamic_type()), b = bindings.b.value_or(dynamic_type());
  switch (pattern) {
    case Pattern::a:
      return a;
    case Pattern::b:
      return b;
    case Pattern::list_of_a:
      return list_type(a);
    case Pattern::map_of_a_to_b:
      return map_type(a, b);
    default: {
      const std::optional<Kind> kind = kind_of(pattern);
      return kind ? plain_type(*kind) : dynamic_type();
    }
  }
}

bool may_be_null(const Type& type) {
  return *type.kind == Kind::null || *type.kind == Kind::timestamp || *type.kind == Kind::duration;
}

}  // namespace

Type list_type(Type item) {
  Type type = plain_type(Kind::list);
  type.parameters.push_back(std::move(item));
  return type;
}

Type map_type(Type key, Type value) {
  Type type = plain_type(Kind::map);
  type.parameters.push_back(std::move(key));
  type.parameters.push_back(std::move(value));
  return type;
}

std::string described(const Type& type) {
  if (type.is_dynamic()) return "dyn";
  std::string text(kind_name(*type.kind));
  if (type.parameters.empty()) return text;
  text += "(" + described(type.parameters[0]);
  if (type.parameters.size() > 1) text += ", " + described(type.parameters[1]);
  return text + ")";
}

bool compatible(const Type& left, const Type& right) {
  if (left.is_dynamic() || right.is_dynamic()) return true;
  if (*left.kind != *right.kind) {
    return (*left.kind == Kind::null && may_be_null(right)) ||
           (*right.kind == Kind::null && may_be_null(left));
  }
  for (std::size_t i = 0; i < left.parameters.size(); ++i) {
    if (!compatible(left.parameters[i], parameter(right, i))) return false;
  }
  return true;
}

Type joined(const Type& left, const Type& right) { return left == right ? left : dynamic_type(); }

std::optional<Type> result_of(const Overload& overload, const std::vector<Type>& arguments) {
  Bindings bindings;
  if (arguments.size() != overload.arguments() || overload.only_dynamic) return std::nullopt;
  if (!arguments.empty() && !fits(overload.first, arguments[0], bindings)) return std::nullopt;
  if (arguments.size() > 1 && !fits(overload.second, arguments[1], bindings)) return std::nullopt;
  return made_of(overload.result, bindings);
}

}  // namespace lookout::cel
