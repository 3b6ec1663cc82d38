#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "probes/core/config_visitor.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

std::string_view described(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::mapping:
      return "a mapping";
  }
  return "";
}

std::string_view how_to_write(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "leave it empty";
    case YamlNode::Kind::scalar:
      return "write one value";
    case YamlNode::Kind::sequence:
      return "write a list: items that begin with \"- \", or [one, two]";
    case YamlNode::Kind::mapping:
      return "write keys with values on indented lines below";
  }
  return "";
}

// The forms of integers that YAML 1.1 and 1.2 share with Go: sign, underscores, 0x, 0o, 0b, and a leading 0
// for octal.
std::optional<std::int64_t> parse_integer(std::string text) {
  std::erase(text, '_');
  const bool negative = text.starts_with('-');
  std::string_view digits = text;
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    constexpr std::string_view kPrefixes = "xob";
    constexpr std::array<int, 3> kBases{16, 8, 2};
    const std::size_t prefix = kPrefixes.find(digits[1]);
    base = prefix == std::string_view::npos ? 8 : kBases[prefix];
    digits.remove_prefix(prefix == std::string_view::npos ? 1 : 2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  constexpr auto kMaximum = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value > kMaximum) return std::nullopt;
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool misread(const YamlNode& node, Problems& problems, std::string_view what_it_is_not,
             std::string_view remedy) {
  problems.add(node.mark(), fmt::format("{} is no {}; {}", in_quotes(node.scalar()), what_it_is_not, remedy));
  return false;
}

}  // namespace

bool expect_kind(const YamlNode& node, YamlNode::Kind kind, Problems& problems) {
  if (node.kind() == kind) return true;
  // What was found is not quoted: it may be a password that lacks its key.
  problems.add(node.mark(), fmt::format("{} stands where {} is expected; {}", described(node.kind()),
                                        described(kind), how_to_write(kind)));
  return false;
}

bool read_value(const YamlNode& node, bool& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  constexpr std::array<std::string_view, 11> kTrue{"true", "True", "TRUE", "y",  "Y", "yes",
                                                   "Yes",  "YES",  "on",   "On", "ON"};
  constexpr std::array<std::string_view, 11> kFalse{"false", "False", "FALSE", "n",   "N",  "no",
                                                    "No",    "NO",    "off",   "Off", "OFF"};
  const bool is_true = std::ranges::find(kTrue, node.scalar()) != kTrue.end();
  const bool is_false = std::ranges::find(kFalse, node.scalar()) != kFalse.end();
  if (!is_true && !is_false) return misread(node, problems, "boolean", "write true or false");
  // Quotes make text of a value, and of text blackbox_exporter reads YAML 1.1's words, which true is none of.
  const std::string word = lower_case(node.scalar());
  if (node.quoted() && (word == "true" || word == "false"))
    return misread(node, problems, "boolean in quotes", fmt::format("write {} without them", is_true));
  value = is_true;
  return true;
}

bool read_value(const YamlNode& node, std::int64_t& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  std::optional<std::int64_t> read = parse_integer(node.scalar());
  if (!read) {
    constexpr double kExact = 9007199254740992;  // 2^53: above it a double skips integers
    const std::optional<double> number = parse_number(node.scalar());
    if (!number) return misread(node, problems, "integer", "write a whole number, e.g. 3");
    if (std::abs(*number) > kExact)
      return misread(node, problems, "integer within range", "write a smaller number");
    read = static_cast<std::int64_t>(*number);  // fractions are cut off, as blackbox_exporter has it
  }
  if (node.quoted())
    return misread(node, problems, "integer in quotes", fmt::format("write {} without them", *read));
  value = *read;
  return true;
}

bool read_bounded(const YamlNode& node, std::int64_t& value, std::int64_t low, std::int64_t high,
                  Problems& problems) {
  std::int64_t read = 0;
  if (!read_value(node, read, problems)) return false;
  if (read < low || read > high) {
    return misread(node, problems, "number within range", fmt::format("write one from {} to {}", low, high));
  }
  value = read;
  return true;
}

bool read_value(const YamlNode& node, double& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  const std::optional<double> read = parse_number(node.scalar());
  if (!read) return misread(node, problems, "number", "write one like 0.5");
  if (node.quoted())
    return misread(node, problems, "number in quotes", fmt::format("write {} without them", node.scalar()));
  value = *read;
  return true;
}

bool read_value(const YamlNode& node, std::string& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  value = node.scalar();
  return true;
}

bool read_value(const YamlNode& node, Secret& value, Problems& problems) {
  if (node.kind() == YamlNode::Kind::scalar) {
    value.value = node.scalar();
    return true;
  }
  return expect_kind(node, YamlNode::Kind::scalar, problems);
}

bool read_value(const YamlNode& node, Duration& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  const std::string& text = node.scalar();
  const std::optional<Duration> read = parse_duration(text);
  if (read && (text != "0" || node.quoted())) {
    value = *read;
    return true;
  }
  constexpr std::string_view kRemedy = "write a number with its unit, e.g. 5s or 300ms";
  if (text.size() > 1 && (text.back() == 'd' || text.back() == 'w')) {
    const std::optional<std::int64_t> count = parse_integer(text.substr(0, text.size() - 1));
    const std::int64_t hours = text.back() == 'd' ? 24 : 168;
    if (count && std::abs(*count) < 10'000) {
      return misread(node, problems, "duration",
                     fmt::format("days and weeks are written in hours: {}h", *count * hours));
    }
  }
  return misread(node, problems, "duration", kRemedy);
}

bool read_value(const YamlNode& node, ByteSize& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  const std::optional<ByteSize> read = parse_byte_size(node.scalar());
  if (!read)
    return misread(node, problems, "size",
                   "write a number with its unit, one of B KB MB GB TB (powers of 1024), e.g. 512KB");
  value = *read;
  return true;
}

bool read_enum(const YamlNode& node, std::span<const std::string_view> names, std::size_t& index,
               Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  const auto found = std::ranges::find(names, node.scalar());
  if (found != names.end()) {
    index = static_cast<std::size_t>(found - names.begin());
    return true;
  }
  std::vector<std::string_view> words;
  std::ranges::copy_if(names, std::back_inserter(words), [](std::string_view name) { return !name.empty(); });
  problems.add(node.mark(), fmt::format("{} is none of {}{}", in_quotes(node.scalar()),
                                        fmt::join(words, ", "), suggestion(node.scalar(), words)));
  return false;
}

ConfigReader::ConfigReader(const YamlNode& mapping, Problems& problems)
    : mapping_(mapping), problems_(problems) {
  for (const auto& entry : mapping.entries()) entries_.emplace(entry.first.scalar(), entry);
}

const YamlNode* ConfigReader::take(std::string_view key) {
  known_.emplace_back(key);
  const auto found = entries_.find(key);
  return found == entries_.end() || found->second.second.kind() == YamlNode::Kind::null
             ? nullptr
             : &found->second.second;
}

void ConfigReader::not_built(std::string_view key) {
  if (!take(key)) return;
  problems_.add(entries_.find(key)->second.first.mark(),
                fmt::format("{} is not built yet in this version of Lookout; remove it", in_quotes(key)));
}

YamlNode ConfigReader::raw(std::string_view key) {
  const YamlNode* node = take(key);
  return node ? *node : YamlNode();
}

bool ConfigReader::has(std::string_view key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.second.kind() != YamlNode::Kind::null;
}

Mark ConfigReader::mark(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? mapping_.mark() : found->second.second.mark();
}

void ConfigReader::problem(std::string_view key, std::string message) {
  if (std::ranges::find(misread_, key) == misread_.end()) problems_.add(mark(key), std::move(message));
}

void ConfigReader::finish() {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& [key, entry] : entries_) {
    if (std::ranges::find(known, key) != known.end()) continue;
    problems_.add(entry.first.mark(),
                  fmt::format("unknown key {}{}", in_quotes(key), suggestion(key, known)));
  }
}

}  // namespace lookout
