#include "probes/match/cel_check.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probes/core/text.h"
#include "probes/match/cel_type.h"

namespace lookout::cel {
namespace {

constexpr std::array kNamedKinds{Kind::null, Kind::boolean, Kind::integer, Kind::unsigned_integer,
                                 Kind::real, Kind::string,  Kind::bytes,   Kind::type,
                                 Kind::list, Kind::map};
constexpr std::array kQualifiedKinds{Kind::timestamp, Kind::duration};

// a.b.c as written; empty for anything else.
std::string dotted(const Node& node) {
  if (node.kind == Node::Kind::name) return node.name;
  if (node.kind != Node::Kind::select) return {};
  const std::string operand = dotted(*node.children[0]);
  return operand.empty() ? operand : operand + "." + node.name;
}

class Checker {
 public:
  // The type; none after a mistake.
  std::optional<Type> check(Node& node);

  std::optional<Mistake> mistake;
  std::size_t slots = 1;

 private:
  struct Variable {
    std::string name;
    Type type;
  };

  std::optional<Type> fail(const Node& node, std::string message) {
    if (!mistake) mistake = Mistake{node.offset, std::move(message)};
    return std::nullopt;
  }
  std::optional<Type> name(Node& node);
  std::optional<Type> literal_of_type(Node& node, Kind kind) const;
  std::optional<Type> select(Node& node);
  std::optional<Type> call(Node& node);
  std::optional<Type> no_overload(const Node& node, const std::vector<Type>& arguments);
  std::optional<Type> no_function(const Node& node);
  std::optional<Type> list(Node& node);
  std::optional<Type> map(Node& node);
  std::optional<Type> logic(Node& node);
  std::optional<Type> conditional(Node& node);
  std::optional<Type> comprehension(Node& node);
  bool boolean(Node& node, std::string_view what);

  std::vector<Variable> variables_{{"body", dynamic_type()}};
};

std::optional<Type> Checker::check(Node& node) {
  switch (node.kind) {
    case Node::Kind::literal:
      return plain_type(node.literal.kind());
    case Node::Kind::name:
      return name(node);
    case Node::Kind::select:
    case Node::Kind::has:
      return select(node);
    case Node::Kind::call:
      return call(node);
    case Node::Kind::list:
      return list(node);
    case Node::Kind::map:
      return map(node);
    case Node::Kind::logic_and:
    case Node::Kind::logic_or:
      return logic(node);
    case Node::Kind::conditional:
      return conditional(node);
    case Node::Kind::comprehension:
      return comprehension(node);
  }
  return std::nullopt;
}

std::optional<Type> Checker::literal_of_type(Node& node, Kind kind) const {
  node.kind = Node::Kind::literal;
  node.literal = {TypeName{kind_name(kind)}};
  node.children.clear();
  return plain_type(Kind::type);
}

// The innermost variable of the name, else a type.
std::optional<Type> Checker::name(Node& node) {
  for (std::size_t slot = variables_.size(); slot-- > 0;) {
    if (variables_[slot].name != node.name) continue;
    node.slot = slot;
    return variables_[slot].type;
  }
  for (Kind kind : kNamedKinds) {
    if (kind_name(kind) == node.name) return literal_of_type(node, kind);
  }
  std::vector<std::string_view> known;
  for (const Variable& variable : variables_) known.push_back(variable.name);
  std::string remedy = suggestion(node.name, known);
  if (remedy.empty())
    remedy = fmt::format("; the response is \"body\", so write body.{}, or quote a text", node.name);
  return fail(node, fmt::format("there is no {}{}", in_quotes(node.name), remedy));
}

std::optional<Type> Checker::select(Node& node) {
  const std::string path = node.kind == Node::Kind::select ? dotted(node) : std::string();
  for (Kind kind : kQualifiedKinds) {
    if (kind_name(kind) == path) return literal_of_type(node, kind);
  }
  const std::optional<Type> operand = check(*node.children[0]);
  if (!operand) return std::nullopt;
  if (!operand->may_be(Kind::map))
    return fail(node, fmt::format("{} has no fields, so not {}", described(*operand), in_quotes(node.name)));
  if (node.kind == Node::Kind::has) return plain_type(Kind::boolean);
  return operand->parameters.size() == 2 ? operand->parameters[1] : dynamic_type();
}

std::optional<Type> Checker::call(Node& node) {
  std::vector<Type> arguments;
  const std::span<const Overload> all = overloads_of(node.name);
  if (all.empty()) return no_function(node);
  for (const NodePtr& child : node.children) {
    std::optional<Type> type = check(*child);
    if (!type) return std::nullopt;
    arguments.push_back(std::move(*type));
  }
  const bool form =
      all[0].form == Overload::Form::either || node.member == (all[0].form == Overload::Form::member);
  const bool count = std::ranges::any_of(
      all, [&](const Overload& overload) { return overload.arguments() == arguments.size(); });
  if (!form || !count) return no_function(node);

  std::optional<Type> result;
  for (const Overload& overload : all) {
    std::optional<Type> given = result_of(overload, arguments);
    if (given) result = result ? joined(*result, *given) : *given;
  }
  if (!result) return no_overload(node, arguments);
  node.overloads = all;
  if (node.name == "matches" && node.children[1]->kind == Node::Kind::literal) {
    std::string error;
    node.pattern = Regex::compile(node.children[1]->literal.text(), error);
    if (!node.pattern)
      return fail(*node.children[1],
                  fmt::format("{} is no regular expression: {}", in_quotes(node.children[1]->literal.text()),
                              one_line(error, 200)));
  }
  return result;
}

std::optional<Type> Checker::no_overload(const Node& node, const std::vector<Type>& arguments) {
  std::vector<std::string> types;
  for (const Type& type : arguments) types.push_back(described(type));
  std::string_view shown = node.name;
  if (node.name == "-_" || node.name == "!_") shown.remove_suffix(1);
  return fail(node, fmt::format("{} does not take {}; convert one, e.g. with string(...) or double(...)",
                                shown, fmt::join(types, " and ")));
}

std::optional<Type> Checker::no_function(const Node& node) {
  const std::span<const Overload> all = overloads_of(node.name);
  if (all.empty()) {
    return fail(node, fmt::format("there is no function {}{}", in_quotes(node.name),
                                  suggestion(node.name, function_names())));
  }
  const bool member = all[0].form == Overload::Form::member;
  std::vector<std::string> counts;
  for (const Overload& overload : all) {
    std::string count = fmt::format("{}", overload.arguments() - (member ? 1 : 0));
    if (std::ranges::find(counts, count) == counts.end()) counts.push_back(std::move(count));
  }
  return fail(node,
              fmt::format("{0} is written {1}, with {2} in the parentheses", node.name,
                          member ? fmt::format("x.{}(...)", node.name) : fmt::format("{}(...)", node.name),
                          fmt::join(counts, " or ")));
}

std::optional<Type> Checker::list(Node& node) {
  std::optional<Type> item;
  for (const NodePtr& child : node.children) {
    const std::optional<Type> type = check(*child);
    if (!type) return std::nullopt;
    item = item ? joined(*item, *type) : *type;
  }
  return list_type(item.value_or(dynamic_type()));
}

std::optional<Type> Checker::map(Node& node) {
  std::optional<Type> key, value;
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    const std::optional<Type> one = check(*node.children[i]);
    const std::optional<Type> other = one ? check(*node.children[i + 1]) : std::nullopt;
    if (!other) return std::nullopt;
    const bool sound = one->may_be(Kind::string) || one->may_be(Kind::integer) ||
                       one->may_be(Kind::boolean) || one->may_be(Kind::unsigned_integer);
    if (!sound)
      return fail(*node.children[i],
                  fmt::format("{} is no key; write a text or a whole number", described(*one)));
    key = key ? joined(*key, *one) : *one;
    value = value ? joined(*value, *other) : *other;
  }
  return map_type(key.value_or(dynamic_type()), value.value_or(dynamic_type()));
}

bool Checker::boolean(Node& node, std::string_view what) {
  const std::optional<Type> type = check(node);
  if (!type) return false;
  if (type->may_be(Kind::boolean)) return true;
  fail(node,
       fmt::format("{} is {}, and must be true or false; compare it with something", what, described(*type)));
  return false;
}

std::optional<Type> Checker::logic(Node& node) {
  const std::string_view what = node.kind == Node::Kind::logic_and ? "a side of &&" : "a side of ||";
  for (const NodePtr& child : node.children) {
    if (!boolean(*child, what)) return std::nullopt;
  }
  return plain_type(Kind::boolean);
}

std::optional<Type> Checker::conditional(Node& node) {
  if (!boolean(*node.children[0], "what stands before ?")) return std::nullopt;
  const std::optional<Type> well = check(*node.children[1]);
  const std::optional<Type> otherwise = well ? check(*node.children[2]) : std::nullopt;
  if (!otherwise) return std::nullopt;
  if (compatible(*well, *otherwise)) return joined(*well, *otherwise);
  return fail(node, fmt::format("both sides of : must be of one type, not {} and {}", described(*well),
                                described(*otherwise)));
}

std::optional<Type> Checker::comprehension(Node& node) {
  const std::optional<Type> range = check(*node.children[0]);
  if (!range) return std::nullopt;
  if (!range->may_be(Kind::list) && !range->may_be(Kind::map)) {
    return fail(*node.children[0],
                fmt::format("a macro goes through a list or a map, which {} is not", described(*range)));
  }
  Type item = range->parameters.empty() ? dynamic_type() : range->parameters[0];
  node.slot = variables_.size();
  variables_.push_back({node.name, std::move(item)});
  slots = std::max(slots, variables_.size());
  std::optional<Type> result = plain_type(Kind::boolean);
  if (node.children[1] && !boolean(*node.children[1], "the condition of a macro")) result = std::nullopt;
  if (result && node.macro == Macro::filter) result = list_type(variables_.back().type);
  if (result && node.children[2]) {
    std::optional<Type> transformed = check(*node.children[2]);
    result = transformed ? std::optional(list_type(std::move(*transformed))) : std::nullopt;
  }
  variables_.pop_back();
  return result;
}

}  // namespace

std::optional<Mistake> check_expression(Node& root, std::size_t& slots) {
  Checker checker;
  checker.check(root);
  slots = checker.slots;
  return std::move(checker.mistake);
}

}  // namespace lookout::cel
