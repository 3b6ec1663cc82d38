// Builds the tree of YamlNode from the YAML library's events, because its own tree accepts duplicate keys,
// leaves merge keys alone and lets a few lines of aliases stand for billions of values. Used by yaml.cc
// and yaml_variables.cc alone.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>

#include "probes/core/yaml.h"

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

// Ends the parse at the first fault that makes the rest meaningless.
struct Unreadable {
  Mark mark;
  std::string message;
};

Mark to_mark(const YAML::Mark& mark);

class YamlTreeBuilder final : public YAML::EventHandler {
 public:
  explicit YamlTreeBuilder(Problems& problems) : problems_(problems) {}

  YamlNode root() const { return YamlNode(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override;
  void OnMapEnd() override { close(); }

 private:
  using Data = YamlNode::Data;

  struct Open {
    std::shared_ptr<Data> data;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::shared_ptr<const Data> key;  // of a mapping: read, still waiting for its value
    bool key_usable = true;
    std::map<std::string, int, std::less<>> lines;  // of a mapping: where each key stands
    std::vector<YamlNode> merges;
  };

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            std::string_view plain_tag);
  void close();
  void remember(YAML::anchor_t anchor, const std::shared_ptr<Data>& data);
  void place(std::shared_ptr<const Data> data);
  static void grow(Open& top, const Data& child);
  void take_key(Open& top, std::shared_ptr<const Data> key);
  void take_value(Open& top, std::shared_ptr<const Data> value);
  void collect_merge(Open& top, const Data& key, const YamlNode& value);
  static void apply_merges(Open& top);
  void apply_tag(const std::string& tag, Data& data);
  void decode_binary(Data& data);
  void unknown_tag(Mark mark, const std::string& tag);

  Problems& problems_;
  std::shared_ptr<const Data> root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::shared_ptr<const Data>> anchors_;
};

}  // namespace lookout
