#include "probes/core/yaml.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "probes/core/text.h"
#include "probes/core/yaml_tree.h"

namespace lookout {
namespace {

constexpr std::size_t kMaximumBytes = 16 * 1024 * 1024;

// The library takes some control characters for the end of the file and lets ill-formed UTF-8 pass.
std::optional<Unreadable> find_bad_byte(std::string_view text) {
  Mark mark{1, 1};
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (length == 0)
      return Unreadable{mark, fmt::format("byte 0x{:02x} is no UTF-8; save the file as UTF-8", byte)};
    if (byte == '\n') {
      mark = {mark.line + 1, 1};
    } else {
      if ((byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7F) {
        return Unreadable{
            mark, fmt::format(
                      "control character 0x{:02x}; remove it, or write it as \"\\x{:02x}\" in double quotes",
                      byte, byte)};
      }
      mark.column += static_cast<int>(length);
    }
    text.remove_prefix(length);
  }
  return std::nullopt;
}

std::string_view line_of(std::string_view text, int line) {
  for (int current = 1; current < line; ++current) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

bool is_indented_with_tab(std::string_view text, int line) {
  const std::string_view found = line_of(text, line);
  return found.substr(0, found.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

// The library stops after one value, whatever follows it; only a further document may.
class NothingFollows final : public YAML::EventHandler {
 public:
  explicit NothingFollows(std::string_view text) : text_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    const Mark where = to_mark(mark);
    if (!line_of(text_, where.line).starts_with("---")) {
      throw Unreadable{where,
                       "does not belong to what stands before; check the indentation and the brackets"};
    }
    throw Done{};
  }

  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}

  struct Done {};

 private:
  std::string_view text_;
};

}  // namespace

YamlNode::YamlNode() : YamlNode(nullptr) {}

YamlNode::YamlNode(std::shared_ptr<const Data> data) : data_(std::move(data)) {
  static const std::shared_ptr<const Data> kNothing = std::make_shared<Data>();
  if (!data_) data_ = kNothing;
}

YamlNode::Kind YamlNode::kind() const { return data_->kind; }
Mark YamlNode::mark() const { return data_->mark; }
const std::string& YamlNode::scalar() const { return data_->scalar; }
bool YamlNode::quoted() const { return data_->quoted; }
const std::vector<YamlNode>& YamlNode::items() const { return data_->items; }
const std::vector<std::pair<YamlNode, YamlNode>>& YamlNode::entries() const { return data_->entries; }

YamlNode YamlNode::at(std::string_view key) const {
  for (const auto& [name, value] : data_->entries) {
    if (name.scalar() == key) return value;
  }
  return {};
}

bool YamlNode::has(std::string_view key) const {
  return std::ranges::any_of(data_->entries, [&](const auto& entry) { return entry.first.scalar() == key; });
}

std::optional<YamlNode> parse_yaml(std::string_view text, Problems& problems) {
  if (text.size() > kMaximumBytes) {
    problems.add(Mark{}, fmt::format("larger than {} MiB; spread the targets over several target_files",
                                     kMaximumBytes >> 20));
    return std::nullopt;
  }
  if (const std::optional<Unreadable> bad = find_bad_byte(text)) {
    problems.add(bad->mark, bad->message);
    return std::nullopt;
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    YamlTreeBuilder builder(problems);
    parser.HandleNextDocument(builder);
    try {
      NothingFollows rest(text);
      parser.HandleNextDocument(rest);
    } catch (const NothingFollows::Done&) {  // a further document, which does not count
    }
    return builder.root();
  } catch (const Unreadable& fault) {
    problems.add(fault.mark, fault.message);
  } catch (const YAML::Exception& fault) {
    const Mark mark = fault.mark.is_null() ? Mark{} : to_mark(fault.mark);
    problems.add(
        mark,
        is_indented_with_tab(text, mark.line)
            ? "a tab stands in the indentation; write blanks instead"
            : fmt::format("no valid YAML: {}; check colons, quotes, brackets and indentation up to here",
                          fault.msg));
  } catch (const std::exception& fault) {
    problems.add(Mark{}, fmt::format("no valid YAML: {}", fault.what()));
  }
  return std::nullopt;
}

YamlNode text_node(std::string text) {
  auto data = std::make_shared<YamlNode::Data>();
  data->kind = YamlNode::Kind::scalar;
  data->quoted = true;
  data->scalar = std::move(text);
  return YamlNode(std::move(data));
}

}  // namespace lookout
