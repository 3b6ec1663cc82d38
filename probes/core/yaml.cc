#include "probes/core/yaml.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <yaml-cpp/binary.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "probes/core/text.h"

namespace lookout {

struct YamlNode::Data {
  Kind kind = Kind::null;
  bool quoted = false;
  Mark mark;
  std::string scalar;
  std::vector<YamlNode> items;
  std::vector<std::pair<YamlNode, YamlNode>> entries;
  std::size_t size = 1;   // values in it, itself included, with every alias written out
  std::size_t depth = 1;  // levels in it, likewise
};

namespace {

constexpr std::size_t kMaximumBytes = 16 * 1024 * 1024;
constexpr std::size_t kMaximumDepth = 100;
constexpr std::size_t kMaximumValues =
    2'000'000;  // aliases written out: a few lines of them can stand for billions
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

// Ends the parse at the first fault that makes the rest meaningless.
struct Unreadable {
  Mark mark;
  std::string message;
};

Mark to_mark(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

using NodeData = YamlNode::Data;

// Builds our tree from the library's events: its own tree accepts duplicate keys, leaves merge keys alone,
// and copies aliases.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Problems& problems) : problems_(problems) {}

  YamlNode root() const { return YamlNode(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto data = std::make_shared<NodeData>();
    data->mark = to_mark(mark);
    remember(anchor, data);
    place(std::move(data));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Unreadable{to_mark(mark),
                       "an alias within the very value that it stands for; write the value out"};
    place(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto data = std::make_shared<NodeData>();
    data->kind = YamlNode::Kind::scalar;
    data->mark = to_mark(mark);
    data->scalar = value;
    apply_tag(tag, *data);
    remember(anchor, data);
    place(std::move(data));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, tag, anchor, "seq");
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::mapping, mark, tag, anchor, "map");
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::shared_ptr<NodeData> data;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::shared_ptr<const NodeData> key;  // of a mapping: read, still waiting for its value
    bool key_usable = true;
    std::map<std::string, int, std::less<>> lines;  // of a mapping: where each key stands
    std::vector<YamlNode> merges;
  };

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            std::string_view plain_tag) {
    const Mark where = to_mark(mark);
    if (stack_.size() >= kMaximumDepth)
      throw Unreadable{where, fmt::format("nested deeper than {} levels", kMaximumDepth)};
    if (tag.size() > 1 && tag != std::string(kTagPrefix).append(plain_tag)) unknown_tag(where, tag);
    auto data = std::make_shared<NodeData>();
    data->kind = kind;
    data->mark = where;
    stack_.push_back({std::move(data), anchor, nullptr, true, {}, {}});
  }

  void close() {
    Open top = std::move(stack_.back());
    stack_.pop_back();
    if (!top.merges.empty()) apply_merges(top);
    remember(top.anchor, top.data);
    place(std::move(top.data));
  }

  void remember(YAML::anchor_t anchor, const std::shared_ptr<NodeData>& data) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = data;
  }

  void place(std::shared_ptr<const NodeData> data) {
    if (stack_.empty()) {
      root_ = std::move(data);
      return;
    }
    Open& top = stack_.back();
    grow(top, *data);
    if (top.data->kind == YamlNode::Kind::sequence) {
      top.data->items.emplace_back(std::move(data));
    } else if (!top.key) {
      take_key(top, std::move(data));
    } else {
      take_value(top, std::move(data));
    }
  }

  static void grow(Open& top, const NodeData& child) {
    NodeData& data = *top.data;
    data.size += child.size;
    data.depth = std::max(data.depth, child.depth + 1);
    if (data.size > kMaximumValues) {
      throw Unreadable{data.mark, fmt::format("more than {} values, aliases written out", kMaximumValues)};
    }
    if (data.depth > kMaximumDepth)
      throw Unreadable{data.mark, fmt::format("nested deeper than {} levels", kMaximumDepth)};
  }

  void take_key(Open& top, std::shared_ptr<const NodeData> key) {
    top.key_usable = key->kind == YamlNode::Kind::scalar;
    if (!top.key_usable) {
      problems_.add(key->mark, key->kind == YamlNode::Kind::null
                                   ? "a key is missing before the colon"
                                   : "a list or mapping cannot be a key; write a plain word");
    } else {
      const auto [first, added] = top.lines.emplace(key->scalar, key->mark.line);
      if (!added) {
        problems_.add(key->mark,
                      fmt::format("key {} stands here a second time, after line {}; keep one of them",
                                  in_quotes(key->scalar), first->second));
        top.key_usable = false;
      }
    }
    top.key = std::move(key);
  }

  void take_value(Open& top, std::shared_ptr<const NodeData> value) {
    const std::shared_ptr<const NodeData> key = std::exchange(top.key, nullptr);
    if (!top.key_usable) return;
    if (key->scalar == "<<" && !key->quoted) {
      collect_merge(top, *key, YamlNode(std::move(value)));
      return;
    }
    if (value->kind == YamlNode::Kind::null) {  // the library's position is that of whatever follows
      auto located = std::make_shared<NodeData>(*value);
      located->mark = key->mark;
      value = std::move(located);
    }
    top.data->entries.emplace_back(YamlNode(key), YamlNode(std::move(value)));
  }

  void collect_merge(Open& top, const NodeData& key, const YamlNode& value) {
    const std::vector<YamlNode> sources =
        value.kind() == YamlNode::Kind::sequence ? value.items() : std::vector<YamlNode>{value};
    for (const YamlNode& source : sources) {
      if (source.kind() != YamlNode::Kind::mapping) {
        problems_.add(key.mark,
                      "<< merges mappings only; write an alias of a mapping, or a list of such aliases");
        return;
      }
      top.merges.push_back(source);
    }
  }

  // Own keys win over merged ones, earlier merged ones over later (YAML 1.1 merge type).
  static void apply_merges(Open& top) {
    for (const YamlNode& source : top.merges) {
      for (const auto& [key, value] : source.entries()) {
        if (top.lines.emplace(key.scalar(), key.mark().line).second)
          top.data->entries.emplace_back(key, value);
      }
    }
  }

  void apply_tag(const std::string& tag, NodeData& data) {
    if (tag == "!" || tag == std::string(kTagPrefix).append("str")) {
      data.quoted = true;
    } else if (tag == std::string(kTagPrefix).append("binary")) {
      decode_binary(data);
    } else if (tag.starts_with(kTagPrefix)) {
      const std::string_view kind = std::string_view(tag).substr(kTagPrefix.size());
      if (kind == "null") data.kind = YamlNode::Kind::null;
      if (kind != "null" && kind != "bool" && kind != "int" && kind != "float") unknown_tag(data.mark, tag);
    } else if (!tag.empty() && tag != "?") {
      unknown_tag(data.mark, tag);
    }
  }

  void decode_binary(NodeData& data) {
    std::string text;
    std::copy_if(data.scalar.begin(), data.scalar.end(), std::back_inserter(text),
                 [](char c) { return c != '\n' && c != ' '; });
    const std::vector<unsigned char> bytes = YAML::DecodeBase64(text);
    if (bytes.empty() && !text.empty()) problems_.add(data.mark, "!!binary is followed by what is no base64");
    data.scalar.assign(bytes.begin(), bytes.end());
    data.quoted = true;
  }

  void unknown_tag(Mark mark, const std::string& tag) {
    problems_.add(mark, fmt::format("tag {} has no meaning here; remove it", in_quotes(tag)));
  }

  Problems& problems_;
  std::shared_ptr<const NodeData> root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::shared_ptr<const NodeData>> anchors_;
};

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
    TreeBuilder builder(problems);
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

}  // namespace lookout
