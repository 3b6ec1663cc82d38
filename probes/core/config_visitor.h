// One table per configuration struct serves reading, printing and describing it. The table is a function
// template beside the struct, found by argument-dependent lookup:
//
//   template <class Visitor>
//   void describe(Visitor& v, TcpConfig& config) {
//     v.field("tls", config.tls, "Speak TLS on the connection");
//     v.field("tls_config", config.tls_config, "...");
//     v.not_built("some_key");                       // known to blackbox_exporter, refused by name
//   }
//
// Rules that concern several fields stand in an optional function, called after reading, only if the block is
// present:
//
//   void validate(const HttpConfig& config, ConfigReader& reader);
//     if (!config.body.empty() && !config.body_file.empty()) reader.problem("body_file", "write body or
//     body_file, not both");
//
// Field types: bool, integers, double, std::string, Duration, Secret, ByteSize, std::optional<T>,
// std::vector<T>, std::map<std::string, T>, enums with `std::span<const std::string_view> config_names(Enum)`
// whose n-th word is value n, structs with describe(), and any type T with its own
//   bool read_config(const YamlNode&, T&, Problems&)   and   std::string print_config(const T&).
// A null value means the key is absent: the default stays and validate() of that block does not run; in a
// map<std::string, T> the key is there with T{}. Problems about a value begin with its key, "interval: ...",
// by themselves; those that validate() states do not.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "probes/core/config_values.h"
#include "probes/core/yaml.h"

namespace lookout {

class ConfigReader;
class ConfigPrinter;

template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
  { config_names(value) } -> std::convertible_to<std::span<const std::string_view>>;
};
template <class T>
concept CustomValue = requires(const YamlNode& node, T& value, Problems& problems) {
  { read_config(node, value, problems) } -> std::same_as<bool>;
};
template <class T>
concept DescribedStruct =
    std::is_class_v<T> && requires(ConfigReader& reader, T& value) { describe(reader, value); };

// Scalars; each reports a problem at the node that says what was expected and returns false, leaving the
// value as it was.
bool read_value(const YamlNode& node, bool& value, Problems& problems);
bool read_value(const YamlNode& node, std::int64_t& value, Problems& problems);
bool read_value(const YamlNode& node, double& value, Problems& problems);
bool read_value(const YamlNode& node, std::string& value, Problems& problems);
bool read_value(const YamlNode& node, Duration& value,
                Problems& problems);  // Go syntax: 300ms, 1m30s; never a bare number
bool read_value(const YamlNode& node, Secret& value, Problems& problems);
bool read_value(const YamlNode& node, ByteSize& value, Problems& problems);
bool read_enum(const YamlNode& node, std::span<const std::string_view> names, std::size_t& index,
               Problems& problems);
bool read_bounded(const YamlNode& node, std::int64_t& value, std::int64_t low, std::int64_t high,
                  Problems& problems);
bool expect_kind(const YamlNode& node, YamlNode::Kind kind, Problems& problems);

// Reads one mapping. Construct, pass to describe(), call finish().
class ConfigReader {
 public:
  ConfigReader(const YamlNode& mapping, Problems& problems);

  template <class T>
  void field(std::string_view key, T& value, std::string_view help = {});
  // A key of the full schema that this version does not have: refused with that reason.
  void not_built(std::string_view key);

  // The value of a key that has a form of its own; null if absent.
  YamlNode raw(std::string_view key);

  bool has(std::string_view key) const;   // present and not null
  Mark mark(std::string_view key) const;  // of the key's value; of the mapping if the key is absent
  // At the key's value. Says nothing about a key whose value could not be read, as that is a problem already.
  void problem(std::string_view key, std::string message);
  Problems& problems() { return problems_; }

  // Reports unknown keys, each with the nearest known one if it is near.
  void finish();

 private:
  const YamlNode* take(std::string_view key);

  YamlNode mapping_;
  Problems& problems_;
  std::map<std::string, std::pair<YamlNode, YamlNode>, std::less<>> entries_;
  std::vector<std::string> known_;
  std::vector<std::string> misread_;
};

template <class T>
bool read_value(const YamlNode& node, std::optional<T>& value, Problems& problems);
template <class T>
bool read_value(const YamlNode& node, std::vector<T>& value, Problems& problems);
template <class T>
bool read_value(const YamlNode& node, std::map<std::string, T>& value, Problems& problems);
template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, std::int64_t>)
bool read_value(const YamlNode& node, T& value, Problems& problems);
template <NamedEnum T>
bool read_value(const YamlNode& node, T& value, Problems& problems);
template <CustomValue T>
bool read_value(const YamlNode& node, T& value, Problems& problems);
template <DescribedStruct T>
bool read_value(const YamlNode& node, T& value, Problems& problems);

// What is to be written, before it is laid out.
struct PrintedValue {
  enum class Kind { absent, word, list, mapping };
  Kind kind = Kind::absent;
  std::string word;  // a scalar, quoted where YAML wants it
  std::vector<PrintedValue> items;
  std::vector<std::pair<std::string, PrintedValue>> entries;
  bool operator==(const PrintedValue&) const = default;
};
template <class T>
PrintedValue printed(const std::optional<T>& value);
template <class T>
PrintedValue printed(const std::vector<T>& value);
template <class T>
PrintedValue printed(const std::map<std::string, T>& value);
template <class T>
PrintedValue printed(const T& value);

// Writes YAML for /config, secrets and passwords in URLs masked. indent: levels of two spaces.
class ConfigPrinter {
 public:
  explicit ConfigPrinter(std::string& out, int indent = 0) : out_(out), indent_(indent) {}

  // All fields of a struct with describe(), those equal to their default left out.
  template <class T>
  void fields(const T& value);
  // One field; empty texts, lists and mappings are left out, because its default is not known here.
  template <class T>
  void field(std::string_view key, T& value, std::string_view help = {});
  void not_built(std::string_view) {}

  // A mapping whose fields `body` writes into a printer of one more level; left out if it writes none.
  template <class Body>
  void block(std::string_view key, Body&& body);

 private:
  void write(std::string_view key, const PrintedValue& value, bool even_if_empty);
  void heading(std::string_view key);

  std::string& out_;
  int indent_;
};

}  // namespace lookout

#include "probes/core/config_visitor_inline.h"
