#include "probes/match/cel.h"

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/match/cel_check.h"
#include "probes/match/cel_evaluate.h"
#include "probes/match/cel_parser.h"

namespace lookout {
namespace {

constexpr std::uint64_t kSteps = 200'000;

}  // namespace

Cel::Cel() : Cel("true", nullptr, 1) {
  static const std::shared_ptr<const cel::Node> kTrue = *cel::parse_expression("true");
  root_ = kTrue;
}

Cel::Cel(std::string expression, std::shared_ptr<const cel::Node> root, std::size_t slots)
    : expression_(std::move(expression)), root_(std::move(root)), slots_(slots) {}

std::optional<Cel> Cel::compile(std::string expression, std::string& error) {
  const auto say = [&](const cel::Mistake& mistake) {
    error = fmt::format("at {}: {}", cel::place(expression, mistake.offset), mistake.message);
    return std::nullopt;
  };
  cel::Compiled<cel::NodePtr> root = cel::parse_expression(expression);
  if (!root) return say(root.error());
  std::size_t slots = 1;
  if (const std::optional<cel::Mistake> mistake = cel::check_expression(**root, slots)) return say(*mistake);
  return Cel(std::move(expression), std::move(*root), slots);
}

cel::Result<cel::Value> Cel::evaluate(const cel::Value& body) const {
  cel::Budget budget(kSteps);
  return cel::evaluate(*root_, slots_, body, budget);
}

cel::Result<bool> Cel::holds(const cel::Value& body) const {
  const cel::Result<cel::Value> value = evaluate(body);
  if (!value) return value.error();
  if (value->kind() == cel::Kind::boolean) return value->as<bool>();
  return cel::Error{fmt::format("it is {}, and not true or false", cel::kind_name(value->kind()))};
}

bool read_config(const YamlNode& node, Cel& value, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::scalar, problems)) return false;
  std::string error;
  std::optional<Cel> compiled = Cel::compile(node.scalar(), error);
  if (!compiled) {
    problems.add(node.mark(), fmt::format("{} is no CEL expression: {}", in_quotes(node.scalar()), error));
    return false;
  }
  value = std::move(*compiled);
  return true;
}

std::string print_config(const Cel& value) { return value.expression(); }

}  // namespace lookout
