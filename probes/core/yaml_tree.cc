#include "probes/core/yaml_tree.h"

#include <algorithm>

#include <fmt/format.h>
#include <yaml-cpp/binary.h>
#include <yaml-cpp/mark.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kMaximumDepth = 100;
constexpr std::size_t kMaximumValues = 2'000'000;  // with every alias written out
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

}  // namespace

Mark to_mark(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

void YamlTreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto data = std::make_shared<Data>();
  data->mark = to_mark(mark);
  remember(anchor, data);
  place(std::move(data));
}

void YamlTreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end())
    throw Unreadable{to_mark(mark), "an alias within the very value that it stands for; write the value out"};
  place(found->second);
}

void YamlTreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                               const std::string& value) {
  auto data = std::make_shared<Data>();
  data->kind = YamlNode::Kind::scalar;
  data->mark = to_mark(mark);
  data->scalar = value;
  apply_tag(tag, *data);
  remember(anchor, data);
  place(std::move(data));
}

void YamlTreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                      YAML::EmitterStyle::value) {
  open(YamlNode::Kind::sequence, mark, tag, anchor, "seq");
}

void YamlTreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                 YAML::EmitterStyle::value) {
  open(YamlNode::Kind::mapping, mark, tag, anchor, "map");
}

void YamlTreeBuilder::open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                           YAML::anchor_t anchor, std::string_view plain_tag) {
  const Mark where = to_mark(mark);
  if (stack_.size() >= kMaximumDepth)
    throw Unreadable{where, fmt::format("nested deeper than {} levels", kMaximumDepth)};
  if (tag.size() > 1 && tag != std::string(kTagPrefix).append(plain_tag)) unknown_tag(where, tag);
  auto data = std::make_shared<Data>();
  data->kind = kind;
  data->mark = where;
  stack_.push_back({std::move(data), anchor, nullptr, true, {}, {}});
}

void YamlTreeBuilder::close() {
  Open top = std::move(stack_.back());
  stack_.pop_back();
  if (!top.merges.empty()) apply_merges(top);
  remember(top.anchor, top.data);
  place(std::move(top.data));
}

void YamlTreeBuilder::remember(YAML::anchor_t anchor, const std::shared_ptr<Data>& data) {
  if (anchor != YAML::NullAnchor) anchors_[anchor] = data;
}

void YamlTreeBuilder::place(std::shared_ptr<const Data> data) {
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

void YamlTreeBuilder::grow(Open& top, const Data& child) {
  Data& data = *top.data;
  data.size += child.size;
  data.depth = std::max(data.depth, child.depth + 1);
  if (data.size > kMaximumValues) {
    throw Unreadable{data.mark, fmt::format("more than {} values, aliases written out", kMaximumValues)};
  }
  if (data.depth > kMaximumDepth)
    throw Unreadable{data.mark, fmt::format("nested deeper than {} levels", kMaximumDepth)};
}

void YamlTreeBuilder::take_key(Open& top, std::shared_ptr<const Data> key) {
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

void YamlTreeBuilder::take_value(Open& top, std::shared_ptr<const Data> value) {
  const std::shared_ptr<const Data> key = std::exchange(top.key, nullptr);
  if (!top.key_usable) return;
  if (key->scalar == "<<" && !key->quoted) {
    collect_merge(top, *key, YamlNode(std::move(value)));
    return;
  }
  if (value->kind == YamlNode::Kind::null) {  // the library's position is that of whatever follows
    auto located = std::make_shared<Data>(*value);
    located->mark = key->mark;
    value = std::move(located);
  }
  top.data->entries.emplace_back(YamlNode(key), YamlNode(std::move(value)));
}

void YamlTreeBuilder::collect_merge(Open& top, const Data& key, const YamlNode& value) {
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
void YamlTreeBuilder::apply_merges(Open& top) {
  for (const YamlNode& source : top.merges) {
    for (const auto& [key, value] : source.entries()) {
      if (top.lines.emplace(key.scalar(), key.mark().line).second) top.data->entries.emplace_back(key, value);
    }
  }
}

void YamlTreeBuilder::apply_tag(const std::string& tag, Data& data) {
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

void YamlTreeBuilder::decode_binary(Data& data) {
  std::string text;
  std::copy_if(data.scalar.begin(), data.scalar.end(), std::back_inserter(text),
               [](char c) { return c != '\n' && c != ' '; });
  const std::vector<unsigned char> bytes = YAML::DecodeBase64(text);
  if (bytes.empty() && !text.empty()) problems_.add(data.mark, "!!binary is followed by what is no base64");
  data.scalar.assign(bytes.begin(), bytes.end());
  data.quoted = true;
}

void YamlTreeBuilder::unknown_tag(Mark mark, const std::string& tag) {
  problems_.add(mark, fmt::format("tag {} has no meaning here; remove it", in_quotes(tag)));
}

}  // namespace lookout
