// Sets one scalar field of a described struct, found by its path of keys, to a text; reads it as the
// configuration's reader does, and holds the whole struct to its rules afterwards.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "probes/core/config_visitor.h"

namespace lookout {

class FieldSetter {
 public:
  FieldSetter(std::span<const std::string_view> path, const YamlNode& value, Problems& problems)
      : path_(path), value_(value), problems_(problems) {}

  template <class T>
  void field(std::string_view key, T& field, std::string_view = {}) {
    if (found_ || key != path_.front()) return;
    if constexpr (DescribedStruct<T>) {
      if (path_.size() == 1) return;
      FieldSetter inner(path_.subspan(1), value_, problems_);
      describe(inner, field);
      found_ = inner.found_;
    } else if constexpr (requires { read_value(value_, field, problems_); }) {
      if (path_.size() > 1) return;
      found_ = true;
      read_value(value_, field, problems_);
    }
  }
  void not_built(std::string_view) {}
  bool found() const { return found_; }

 private:
  std::span<const std::string_view> path_;
  const YamlNode& value_;
  Problems& problems_;
  bool found_ = false;
};

// false: there is no such field.
template <DescribedStruct T>
bool set_field(T& config, std::span<const std::string_view> path, const std::string& text,
               Problems& problems) {
  const YamlNode value = text_node(text);
  FieldSetter setter(path, value, problems);
  describe(setter, config);
  if (!setter.found()) return false;
  if constexpr (requires(ConfigReader& reader) { validate(std::as_const(config), reader); }) {
    const YamlNode no_file;
    ConfigReader reader(no_file, problems);
    if (problems.empty()) validate(std::as_const(config), reader);
  }
  return true;
}

}  // namespace lookout
