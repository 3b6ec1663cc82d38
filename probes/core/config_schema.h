// Describes a configuration struct as JSON Schema: the visitor of the same tables that the reader and the
// printer go through. A value with a form of its own may say how it is described by a function beside it,
//   boost::json::object config_schema(const T&);
// otherwise it is a text. Every value may be null, because null means absent.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "probes/core/config_visitor.h"

namespace lookout {

namespace schema {

// Plain scalars of all kinds are texts where a text is wanted.
boost::json::object text();
boost::json::object duration();
boost::json::object byte_size();
boost::json::object nullable(boost::json::object schema);
boost::json::object list_of(boost::json::object item);
boost::json::object mapping_to(boost::json::object value);
boost::json::object one_of(std::span<const std::string_view> words);

}  // namespace schema

class SchemaVisitor {
 public:
  template <class T>
  void field(std::string_view key, T& value, std::string_view help = {});
  void not_built(std::string_view) {}  // refused, so not described

  // Of a mapping with these keys and no others.
  boost::json::object finish() &&;

 private:
  void add(std::string_view key, boost::json::object schema, std::string_view help);

  boost::json::object properties_;
};

// `value` is a default one.
template <class T>
boost::json::object schema_of(const T& value) {
  if constexpr (requires { config_schema(value); }) {
    return config_schema(value);
  } else if constexpr (std::same_as<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::integral<T>) {
    return {{"type", "integer"}};
  } else if constexpr (std::same_as<T, double>) {
    return {{"type", "number"}};
  } else if constexpr (std::same_as<T, Duration>) {
    return schema::duration();
  } else if constexpr (std::same_as<T, ByteSize>) {
    return schema::byte_size();
  } else if constexpr (NamedEnum<T>) {
    return schema::one_of(config_names(value));
  } else if constexpr (DescribedStruct<T>) {
    SchemaVisitor visitor;
    T copy = value;
    describe(visitor, copy);
    return std::move(visitor).finish();
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, Secret> || CustomValue<T>) {
    return schema::text();
  } else if constexpr (requires { typename T::mapped_type; }) {
    return schema::mapping_to(schema_of(typename T::mapped_type{}));
  } else if constexpr (requires { value.has_value(); }) {
    return schema_of(typename T::value_type{});
  } else {
    return schema::list_of(schema_of(typename T::value_type{}));
  }
}

template <class T>
void SchemaVisitor::field(std::string_view key, T& value, std::string_view help) {
  boost::json::object schema = schema::nullable(schema_of(std::as_const(value)));
  if constexpr (std::same_as<T, bool> || std::integral<T>) schema["default"] = value;
  if constexpr (std::same_as<T, Duration>) {
    if (value != Duration::zero()) schema["default"] = print_duration(value);
  }
  if constexpr (NamedEnum<T>) schema["default"] = config_names(value)[static_cast<std::size_t>(value)];
  add(key, std::move(schema), help);
}

// Laid out for people, two blanks for each level.
std::string print_json(const boost::json::value& value);

}  // namespace lookout
