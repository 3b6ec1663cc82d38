// The templates of config_visitor.h; included by it only.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

namespace lookout {

template <class T>
void ConfigReader::field(std::string_view key, T& value, std::string_view) {
  const YamlNode* node = take(key);
  if (!node) return;
  Problems::Subject subject(problems_, std::string(key));
  if (!read_value(*node, value, problems_)) misread_.emplace_back(key);
}

template <class T>
bool read_value(const YamlNode& node, std::optional<T>& value, Problems& problems) {
  T read{};
  if (!read_value(node, read, problems)) return false;
  value = std::move(read);
  return true;
}

// Empty items count for nothing, as blackbox_exporter has it.
template <class T>
bool read_value(const YamlNode& node, std::vector<T>& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::sequence, problems)) return false;
  std::vector<T> read;
  bool good = true;
  for (const YamlNode& item : node.items()) {
    if (item.kind() == YamlNode::Kind::null) continue;
    T element{};
    good = read_value(item, element, problems) && good;
    read.push_back(std::move(element));
  }
  if (good) value = std::move(read);
  return good;
}

template <class T>
bool read_value(const YamlNode& node, std::map<std::string, T>& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::mapping, problems)) return false;
  std::map<std::string, T> read;
  bool good = true;
  for (const auto& [key, item] : node.entries()) {
    T element{};
    if (item.kind() != YamlNode::Kind::null) good = read_value(item, element, problems) && good;
    read.insert_or_assign(key.scalar(), std::move(element));
  }
  if (good) value = std::move(read);
  return good;
}

template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, std::int64_t>)
bool read_value(const YamlNode& node, T& value, Problems& problems) {
  constexpr std::int64_t kLow =
      std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
  constexpr std::int64_t kHigh = sizeof(T) < sizeof(std::int64_t)
                                     ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                     : std::numeric_limits<std::int64_t>::max();
  std::int64_t read = 0;
  if (!read_bounded(node, read, kLow, kHigh, problems)) return false;
  value = static_cast<T>(read);
  return true;
}

template <NamedEnum T>
bool read_value(const YamlNode& node, T& value, Problems& problems) {
  std::size_t index = 0;
  if (!read_enum(node, config_names(T{}), index, problems)) return false;
  value = static_cast<T>(index);
  return true;
}

template <CustomValue T>
bool read_value(const YamlNode& node, T& value, Problems& problems) {
  return read_config(node, value, problems);
}

template <DescribedStruct T>
bool read_value(const YamlNode& node, T& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::mapping, problems)) return false;
  const std::size_t before = problems.size();
  Problems::Subject no_subject(problems, {});
  ConfigReader reader(node, problems);
  describe(reader, value);
  if constexpr (requires { validate(std::as_const(value), reader); }) validate(std::as_const(value), reader);
  reader.finish();
  return problems.size() == before;
}

namespace config_text {

// Scalars as YAML.
std::string text_of(const std::string& value);
std::string text_of(const Secret& value);
std::string text_of(Duration value);
std::string text_of(ByteSize value);
std::string text_of(bool value);
std::string text_of(double value);
std::string text_of(std::int64_t value);
// As text_of(), but masked where the key says that the value is a credential.
std::string text_of_entry(const std::string& key, const std::string& value);

template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, std::int64_t>)
std::string text_of(T value) {
  return text_of(static_cast<std::int64_t>(value));
}

template <NamedEnum T>
std::string text_of(T value) {
  return text_of(std::string(config_names(value)[static_cast<std::size_t>(value)]));
}

template <CustomValue T>
std::string text_of(const T& value) {
  return text_of(print_config(value));
}

}  // namespace config_text

template <class T>
PrintedValue printed(const std::optional<T>& value) {
  return value ? printed(*value) : PrintedValue{};
}

template <class T>
PrintedValue printed(const std::vector<T>& value) {
  PrintedValue result{PrintedValue::Kind::list, {}, {}, {}};
  for (const T& item : value) result.items.push_back(printed(item));
  return result;
}

template <class T>
PrintedValue printed(const std::map<std::string, T>& value) {
  PrintedValue result{PrintedValue::Kind::mapping, {}, {}, {}};
  for (const auto& [key, item] : value) {
    PrintedValue entry;
    if constexpr (std::same_as<T, std::string>) {
      entry = {PrintedValue::Kind::word, config_text::text_of_entry(key, item), {}, {}};
    } else {
      entry = printed(item);
    }
    result.entries.emplace_back(config_text::text_of(key), std::move(entry));
  }
  return result;
}

// The visitor that only gathers.
class PrintedFields {
 public:
  template <class T>
  void field(std::string_view key, T& value, std::string_view = {}) {
    fields.emplace_back(key, printed(std::as_const(value)));
  }
  void not_built(std::string_view) {}

  std::vector<std::pair<std::string, PrintedValue>> fields;
};

template <class T>
PrintedValue printed(const T& value) {
  if constexpr (DescribedStruct<T>) {
    PrintedFields fields, defaults;
    T copy = value;
    T fresh{};
    describe(fields, copy);
    describe(defaults, fresh);
    PrintedValue result{PrintedValue::Kind::mapping, {}, {}, {}};
    for (std::size_t index = 0; index < fields.fields.size(); ++index) {  // the same table, so the same order
      auto& field = fields.fields[index];
      if (field != defaults.fields[index] && field.second.kind != PrintedValue::Kind::absent) {
        result.entries.push_back(std::move(field));
      }
    }
    return result;
  } else {
    return {PrintedValue::Kind::word, config_text::text_of(value), {}, {}};
  }
}

template <class T>
void ConfigPrinter::field(std::string_view key, T& value, std::string_view) {
  write(key, printed(std::as_const(value)), false);
}

template <class T>
void ConfigPrinter::fields(const T& value) {
  for (const auto& [key, field] : printed(value).entries) write(key, field, true);
}

template <class Body>
void ConfigPrinter::block(std::string_view key, Body&& body) {
  std::string inside;
  ConfigPrinter printer(inside, indent_ + 1);
  body(printer);
  if (inside.empty()) return;
  heading(key);
  out_.append(inside);
}

}  // namespace lookout
