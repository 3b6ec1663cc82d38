// An expression of CEL in a value, as Regex is one of RE2: the text as written and its compiled form, shared
// between copies. It has one variable, `body`, and the behaviour of cel-go's standard library and macros.
// Pure; any loop. What it leaves out: messages of protocol buffers, and names of time zones.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "probes/core/config_visitor.h"
#include "probes/match/cel_value.h"

namespace lookout {

namespace cel {
struct Node;
}

class Cel {
 public:
  Cel();  // is true whatever the body
  // nullopt with the reason, and where in the expression, in `error`.
  static std::optional<Cel> compile(std::string expression, std::string& error);

  const std::string& expression() const { return expression_; }
  // Takes some milliseconds at most; what would take longer ends as an error of `limit`.
  cel::Result<cel::Value> evaluate(const cel::Value& body) const;
  // Evaluates to true or false, everything else is an error.
  cel::Result<bool> holds(const cel::Value& body) const;
  bool operator==(const Cel& other) const { return expression_ == other.expression_; }

 private:
  Cel(std::string expression, std::shared_ptr<const cel::Node> root, std::size_t slots);

  std::string expression_;
  std::shared_ptr<const cel::Node> root_;
  std::size_t slots_ = 1;
};

bool read_config(const YamlNode& node, Cel& value, Problems& problems);
std::string print_config(const Cel& value);

}  // namespace lookout
