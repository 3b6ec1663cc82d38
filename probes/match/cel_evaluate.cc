#include "probes/match/cel_evaluate.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/match/cel_functions.h"

namespace lookout::cel {
namespace {

constexpr std::uint64_t kCostOfAnError = 5;  // its message is the dear part

Error too_much_work() { return {"the expression takes too many steps for this body", true}; }

class Evaluation {
 public:
  Evaluation(std::size_t slots, const Value& body, Budget& budget) : slots_(slots), budget_(budget) {
    slots_[0] = body;
  }
  Result<Value> value(const Node& node);

 private:
  Result<Value> computed(const Node& node);
  Result<Value> select(const Node& node);
  Result<Value> has(const Node& node);
  Result<Value> call(const Node& node);
  Result<Value> list(const Node& node);
  Result<Value> map(const Node& node);
  Result<Value> logic(const Node& node, bool decisive);
  Result<Value> conditional(const Node& node);
  Result<bool> condition(const Node& node);
  Result<Value> comprehension(const Node& node);
  Result<Value> quantifier(const Node& node, const std::vector<Value>& range, bool decisive);
  Result<Value> exists_one(const Node& node, const std::vector<Value>& range);
  Result<Value> gather(const Node& node, const std::vector<Value>& range);

  std::vector<Value> slots_;
  Budget& budget_;
};

Result<Value> Evaluation::value(const Node& node) {
  if (!budget_.spend(1)) return too_much_work();
  Result<Value> result = computed(node);
  if (!result) budget_.spend(kCostOfAnError);
  if (budget_.spent()) return too_much_work();
  return result;
}

Result<Value> Evaluation::computed(const Node& node) {
  switch (node.kind) {
    case Node::Kind::literal:
      return node.literal;
    case Node::Kind::name:
      return slots_[node.slot];
    case Node::Kind::select:
      return select(node);
    case Node::Kind::has:
      return has(node);
    case Node::Kind::call:
      return call(node);
    case Node::Kind::list:
      return list(node);
    case Node::Kind::map:
      return map(node);
    case Node::Kind::logic_and:
      return logic(node, false);
    case Node::Kind::logic_or:
      return logic(node, true);
    case Node::Kind::conditional:
      return conditional(node);
    case Node::Kind::comprehension:
      return comprehension(node);
  }
  return Error{"unknown node"};
}

Result<Value> Evaluation::select(const Node& node) {
  const Result<Value> operand = value(*node.children[0]);
  if (!operand) return operand;
  if (operand->kind() != Kind::map)
    return Error{fmt::format("{} has no field {}", kind_name(operand->kind()), in_quotes(node.name))};
  const Value* found = operand->as<Map>()->find(text_value(node.name));
  if (!found) return Error{fmt::format("there is no key {}", in_quotes(node.name))};
  return *found;
}

Result<Value> Evaluation::has(const Node& node) {
  const Result<Value> operand = value(*node.children[0]);
  if (!operand) return operand;
  return Value{operand->kind() == Kind::map && operand->as<Map>()->find(text_value(node.name)) != nullptr};
}

Result<Value> Evaluation::call(const Node& node) {
  std::array<Value, 2> arguments;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Result<Value> argument = value(*node.children[i]);
    if (!argument) return argument;
    arguments[i] = std::move(*argument);
  }
  if (node.pattern && arguments[0].kind() == Kind::string) {
    if (!budget_.spend_bytes(arguments[0].text().size())) return too_much_work();
    return Value{node.pattern->matches(arguments[0].text())};
  }
  return cel::call(node.overloads, std::span(arguments).first(node.children.size()), budget_);
}

Result<Value> Evaluation::list(const Node& node) {
  std::vector<Value> items;
  for (const NodePtr& child : node.children) {
    Result<Value> item = value(*child);
    if (!item) return item;
    items.push_back(std::move(*item));
  }
  return list_value(std::move(items));
}

Result<Value> Evaluation::map(const Node& node) {
  std::vector<std::pair<Value, Value>> entries;
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    Result<Value> key = value(*node.children[i]);
    if (!key) return key;
    const Kind kind = key->kind();
    if (kind != Kind::string && kind != Kind::boolean && kind != Kind::integer &&
        kind != Kind::unsigned_integer)
      return Error{fmt::format("{} is no key of a map", kind_name(kind))};
    Result<Value> entry = value(*node.children[i + 1]);
    if (!entry) return entry;
    entries.emplace_back(std::move(*key), std::move(*entry));
  }
  return map_value(std::move(entries));
}

Result<bool> Evaluation::condition(const Node& node) {
  const Result<Value> result = value(node);
  if (!result) return result.error();
  if (result->kind() == Kind::boolean) return result->as<bool>();
  return Error{fmt::format("a condition is {} and not true or false", kind_name(result->kind()))};
}

// One decisive term decides, even beside terms with errors, on either side of it.
Result<Value> Evaluation::logic(const Node& node, bool decisive) {
  std::optional<Error> error;
  for (const NodePtr& child : node.children) {
    const Result<bool> term = condition(*child);
    if (term && *term == decisive) return Value{decisive};
    if (!term && term.error().limit) return term.error();
    if (!term && !error) error = term.error();
  }
  if (error) return *error;
  return Value{!decisive};
}

Result<Value> Evaluation::conditional(const Node& node) {
  const Result<bool> chosen = condition(*node.children[0]);
  if (!chosen) return chosen.error();
  return value(*node.children[*chosen ? 1 : 2]);
}

Result<Value> Evaluation::comprehension(const Node& node) {
  const Result<Value> range = value(*node.children[0]);
  if (!range) return range;
  List items;
  if (range->kind() == Kind::list) {
    items = range->as<List>();
  } else if (range->kind() == Kind::map) {  // goes through its keys
    std::vector<Value> keys;
    if (!budget_.spend(range->as<Map>()->sorted.size())) return too_much_work();
    for (const auto& [key, item] : range->as<Map>()->sorted) keys.push_back(key);
    items = list_value(std::move(keys)).as<List>();
  } else {
    return Error{fmt::format("a macro goes through a list or a map, and not {}", kind_name(range->kind()))};
  }
  switch (node.macro) {
    case Macro::all:
      return quantifier(node, *items, false);
    case Macro::exists:
      return quantifier(node, *items, true);
    case Macro::exists_one:
      return exists_one(node, *items);
    case Macro::map:
    case Macro::filter:
      return gather(node, *items);
  }
  return Error{"unknown macro"};
}

// all() is a long &&, exists() a long ||.
Result<Value> Evaluation::quantifier(const Node& node, const std::vector<Value>& range, bool decisive) {
  std::optional<Error> error;
  for (const Value& item : range) {
    slots_[node.slot] = item;
    const Result<bool> holds = condition(*node.children[1]);
    if (holds && *holds == decisive) return Value{decisive};
    if (!holds && holds.error().limit) return holds.error();
    if (!holds && !error) error = holds.error();
  }
  if (error) return *error;
  return Value{!decisive};
}

Result<Value> Evaluation::exists_one(const Node& node, const std::vector<Value>& range) {
  std::size_t count = 0;
  for (const Value& item : range) {
    slots_[node.slot] = item;
    const Result<bool> holds = condition(*node.children[1]);
    if (!holds) return holds.error();
    count += *holds ? 1 : 0;
  }
  return Value{count == 1};
}

Result<Value> Evaluation::gather(const Node& node, const std::vector<Value>& range) {
  std::vector<Value> gathered;
  for (const Value& item : range) {
    slots_[node.slot] = item;
    if (node.children[1]) {
      const Result<bool> wanted = condition(*node.children[1]);
      if (!wanted) return wanted.error();
      if (!*wanted) continue;
    }
    if (!node.children[2]) {
      gathered.push_back(item);
      continue;
    }
    Result<Value> made = value(*node.children[2]);
    if (!made) return made;
    gathered.push_back(std::move(*made));
  }
  return list_value(std::move(gathered));
}

}  // namespace

Result<Value> evaluate(const Node& root, std::size_t slots, const Value& body, Budget& budget) {
  return Evaluation(slots, body, budget).value(root);
}

}  // namespace lookout::cel
