#include "probes/match/cel_parser.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout::cel {
namespace {

constexpr std::array<std::string_view, 17> kReserved{
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
constexpr std::array<std::string_view, 4> kKeywords{"true", "false", "null", "in"};

struct BinaryLevel {
  std::span<const std::string_view> marks;
};
constexpr std::array<std::string_view, 7> kRelations{"==", "!=", "<=", ">=", "<", ">", "in"};
constexpr std::array<std::string_view, 2> kSums{"+", "-"};
constexpr std::array<std::string_view, 3> kProducts{"*", "/", "%"};
// From the loosest to the tightest.
constexpr std::array<BinaryLevel, 3> kLevels{{{kRelations}, {kSums}, {kProducts}}};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// The first mistake ends the parse: from then on every step returns null.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  Compiled<NodePtr> run();

 private:
  const Token& next() const { return tokens_[at_]; }
  bool sees(std::string_view mark) const;
  bool accept(std::string_view mark);
  bool expect(std::string_view mark);
  NodePtr fail(std::size_t offset, std::string message);
  NodePtr make(Node::Kind kind, std::size_t offset, std::vector<NodePtr> children);
  NodePtr call(std::string name, std::size_t offset, std::vector<NodePtr> arguments, bool member = false);
  bool list_of(std::string_view closing, std::vector<NodePtr>& items, bool trailing_comma);

  NodePtr expression();
  NodePtr logic(std::string_view mark, Node::Kind kind, NodePtr (Parser::*term)());
  NodePtr disjunction() { return logic("||", Node::Kind::logic_or, &Parser::conjunction); }
  NodePtr conjunction() { return logic("&&", Node::Kind::logic_and, &Parser::relation); }
  NodePtr relation() { return binary(0); }
  NodePtr binary(std::size_t level);
  NodePtr unary();
  NodePtr member();
  NodePtr select_or_call(NodePtr operand);
  NodePtr primary();
  NodePtr name_or_call();
  NodePtr number(bool negative);
  NodePtr list();
  NodePtr map();
  NodePtr macro(std::string_view name, const Node* target, std::size_t arguments) const;
  NodePtr comprehension(NodePtr made, NodePtr range, std::vector<NodePtr> arguments);
  NodePtr presence(std::vector<NodePtr> arguments, std::size_t offset);

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  std::optional<Mistake> mistake_;
};

bool Parser::sees(std::string_view mark) const {
  return (next().type == Token::Type::mark || next().type == Token::Type::word) && next().source == mark;
}

bool Parser::accept(std::string_view mark) {
  if (!sees(mark)) return false;
  ++at_;
  return true;
}

bool Parser::expect(std::string_view mark) {
  if (mistake_) return false;
  if (accept(mark)) return true;
  const std::string found =
      next().type == Token::Type::end ? "the expression ends" : in_quotes(next().source) + " stands";
  fail(next().offset, fmt::format("{} where \"{}\" is expected", found, mark));
  return false;
}

NodePtr Parser::fail(std::size_t offset, std::string message) {
  if (!mistake_) mistake_ = Mistake{offset, std::move(message)};
  return nullptr;
}

NodePtr Parser::make(Node::Kind kind, std::size_t offset, std::vector<NodePtr> children) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  node->offset = offset;
  for (const NodePtr& child : children) {
    if (child) node->depth = std::max(node->depth, child->depth + 1);
  }
  node->children = std::move(children);
  if (node->depth > kDeepestExpression)
    return fail(offset, fmt::format("more than {} levels; write a simpler expression", kDeepestExpression));
  return node;
}

NodePtr Parser::call(std::string name, std::size_t offset, std::vector<NodePtr> arguments, bool member) {
  NodePtr node = make(Node::Kind::call, offset, std::move(arguments));
  if (!node) return nullptr;
  node->name = std::move(name);
  node->member = member;
  return node;
}

// Up to the closing mark, which is taken.
bool Parser::list_of(std::string_view closing, std::vector<NodePtr>& items, bool trailing_comma) {
  while (!sees(closing) || (!items.empty() && !trailing_comma)) {
    NodePtr item = expression();
    if (!item) return false;
    items.push_back(std::move(item));
    if (!accept(",")) break;
  }
  return expect(closing);
}

NodePtr Parser::expression() {
  if (++nesting_ > kDeepestExpression)
    return fail(next().offset,
                fmt::format("more than {} levels; write a simpler expression", kDeepestExpression));
  NodePtr condition = disjunction();
  const std::size_t offset = next().offset;
  if (condition && accept("?")) {
    NodePtr well = disjunction();
    NodePtr otherwise = well && expect(":") ? expression() : nullptr;
    std::vector<NodePtr> children;
    children.push_back(std::move(condition));
    children.push_back(std::move(well));
    children.push_back(std::move(otherwise));
    condition = mistake_ ? nullptr : make(Node::Kind::conditional, offset, std::move(children));
  }
  --nesting_;
  return condition;
}

// a && b && c as one node, so that long chains stay flat.
NodePtr Parser::logic(std::string_view mark, Node::Kind kind, NodePtr (Parser::*term)()) {
  const std::size_t offset = next().offset;
  std::vector<NodePtr> terms;
  do {
    NodePtr read = (this->*term)();
    if (!read) return nullptr;
    terms.push_back(std::move(read));
  } while (accept(mark));
  return terms.size() == 1 ? std::move(terms.front()) : make(kind, offset, std::move(terms));
}

NodePtr Parser::binary(std::size_t level) {
  if (level == kLevels.size()) return unary();
  NodePtr left = binary(level + 1);
  while (left && (next().type == Token::Type::mark || next().source == "in") &&
         is_one_of(next().source, kLevels[level].marks)) {
    const Token& mark = tokens_[at_++];
    NodePtr right = binary(level + 1);
    if (!right) return nullptr;
    std::vector<NodePtr> sides;
    sides.push_back(std::move(left));
    sides.push_back(std::move(right));
    left = call(fmt::format("{}", mark.source), mark.offset, std::move(sides));
  }
  return left;
}

// Signs in a row are allowed, but not mixed with negations: "!" or "-" as often as wanted, then a member.
NodePtr Parser::unary() {
  const Token& first = next();
  for (const std::string_view mark : {"!", "-"}) {
    if (!sees(mark)) continue;
    const auto begins_number = [this] {
      const Token::Type type = at_ + 1 < tokens_.size() ? tokens_[at_ + 1].type : Token::Type::end;
      return type == Token::Type::integer || type == Token::Type::real;
    };
    std::size_t count = 0;
    while (sees(mark) && !(mark == "-" && begins_number())) {
      ++at_;
      ++count;
    }
    NodePtr operand = member();
    if (!operand || count % 2 == 0) return operand;
    std::vector<NodePtr> children;
    children.push_back(std::move(operand));
    return call(mark == "!" ? "!_" : "-_", first.offset, std::move(children));
  }
  return member();
}

NodePtr Parser::member() {
  NodePtr operand = primary();
  while (operand) {
    const std::size_t offset = next().offset;
    if (accept(".")) {
      operand = select_or_call(std::move(operand));
    } else if (accept("[")) {
      std::vector<NodePtr> children;
      children.push_back(std::move(operand));
      children.push_back(expression());
      operand = expect("]") ? call("[]", offset, std::move(children)) : nullptr;
    } else if (sees("{")) {
      return fail(offset, "messages cannot be built here; write a map {\"key\": value}");
    } else {
      break;
    }
  }
  return operand;
}

NodePtr Parser::select_or_call(NodePtr operand) {
  const Token& field = next();
  if (field.type != Token::Type::word || is_one_of(field.source, kKeywords))
    return fail(field.offset, "a field's name is expected after the point; write others as [\"name\"]");
  ++at_;
  std::vector<NodePtr> children;
  if (!accept("(")) {
    children.push_back(std::move(operand));
    NodePtr node = make(Node::Kind::select, field.offset, std::move(children));
    if (node) node->name = std::string(field.source);
    return node;
  }
  if (!list_of(")", children, false)) return nullptr;
  if (NodePtr made = macro(field.source, operand.get(), children.size())) {
    made->offset = field.offset;
    return comprehension(std::move(made), std::move(operand), std::move(children));
  }
  children.insert(children.begin(), std::move(operand));
  return call(std::string(field.source), field.offset, std::move(children), true);
}

NodePtr Parser::primary() {
  const Token& token = next();
  switch (token.type) {
    case Token::Type::integer:
    case Token::Type::unsigned_integer:
    case Token::Type::real:
      return number(false);
    case Token::Type::text: {
      ++at_;
      NodePtr node = make(Node::Kind::literal, token.offset, {});
      if (node) node->literal = token.literal;
      return node;
    }
    case Token::Type::word:
      return name_or_call();
    case Token::Type::end:
      return fail(token.offset, "the expression ends where a value is expected");
    case Token::Type::mark:
      break;
  }
  if (accept("(")) {
    NodePtr inner = expression();
    return inner && expect(")") ? std::move(inner) : nullptr;
  }
  if (accept("[")) return list();
  if (accept("{")) return map();
  if (accept("-")) return number(true);
  if (sees(".") && tokens_[at_ + 1].type == Token::Type::word) {
    ++at_;
    return name_or_call();
  }
  return fail(token.offset, fmt::format("{} stands where a value is expected", in_quotes(token.source)));
}

NodePtr Parser::name_or_call() {
  const Token& word = tokens_[at_++];
  const std::string_view name = word.source;
  if (name == "true" || name == "false" || name == "null") {
    NodePtr node = make(Node::Kind::literal, word.offset, {});
    if (name != "null") node->literal = {name == "true"};
    return node;
  }
  if (name == "in") return fail(word.offset, "\"in\" stands where a value is expected");
  if (is_one_of(name, kReserved)) return fail(word.offset, fmt::format("\"{}\" is a reserved word", name));
  if (accept("(")) {
    std::vector<NodePtr> arguments;
    if (!list_of(")", arguments, false)) return nullptr;
    if (name == "has" && arguments.size() == 1) return presence(std::move(arguments), word.offset);
    return call(std::string(name), word.offset, std::move(arguments));
  }
  NodePtr node = make(Node::Kind::name, word.offset, {});
  if (node) node->name = std::string(name);
  return node;
}

// The sign belongs to the number, so that the smallest integer can be written.
NodePtr Parser::number(bool negative) {
  const Token& token = next();
  if (token.type != Token::Type::integer && token.type != Token::Type::real &&
      (negative || token.type != Token::Type::unsigned_integer)) {
    return fail(token.offset, "a number is expected after the sign");
  }
  std::optional<Value> literal = number_of(token, negative);
  if (!literal)
    return fail(token.offset, fmt::format("the number {} is out of range", in_quotes(token.source)));
  ++at_;
  NodePtr node = make(Node::Kind::literal, token.offset, {});
  node->literal = std::move(*literal);
  return node;
}

NodePtr Parser::list() {
  const std::size_t offset = tokens_[at_ - 1].offset;
  std::vector<NodePtr> items;
  return list_of("]", items, true) ? make(Node::Kind::list, offset, std::move(items)) : nullptr;
}

NodePtr Parser::map() {
  const std::size_t offset = tokens_[at_ - 1].offset;
  std::vector<NodePtr> entries;
  while (!sees("}")) {
    NodePtr key = expression();
    if (!key || !expect(":")) return nullptr;
    NodePtr value = expression();
    if (!value) return nullptr;
    entries.push_back(std::move(key));
    entries.push_back(std::move(value));
    if (!accept(",")) break;
  }
  return expect("}") ? make(Node::Kind::map, offset, std::move(entries)) : nullptr;
}

// The empty node of a macro, if that is what a call x.name(...) is.
NodePtr Parser::macro(std::string_view name, const Node* target, std::size_t arguments) const {
  struct Row {
    std::string_view name;
    Macro macro;
    std::size_t arguments;
  };
  constexpr std::array<Row, 7> kMacros{{{"all", Macro::all, 2},
                                        {"exists", Macro::exists, 2},
                                        {"exists_one", Macro::exists_one, 2},
                                        {"existsOne", Macro::exists_one, 2},
                                        {"map", Macro::map, 2},
                                        {"map", Macro::map, 3},
                                        {"filter", Macro::filter, 2}}};
  for (const Row& row : kMacros) {
    if (!target || row.name != name || row.arguments != arguments) continue;
    auto node = std::make_unique<Node>();
    node->kind = Node::Kind::comprehension;
    node->macro = row.macro;
    return node;
  }
  return nullptr;
}

NodePtr Parser::comprehension(NodePtr made, NodePtr range, std::vector<NodePtr> arguments) {
  if (arguments[0]->kind != Node::Kind::name)
    return fail(arguments[0]->offset, "the macro's first argument is to be a plain name, the variable's");
  const bool transforms = made->macro == Macro::map;
  std::vector<NodePtr> children(3);
  children[0] = std::move(range);
  if (arguments.size() == 3 || !transforms) children[1] = std::move(arguments[1]);
  if (transforms) children[2] = std::move(arguments.back());
  NodePtr node = make(Node::Kind::comprehension, made->offset, std::move(children));
  if (!node) return nullptr;
  node->macro = made->macro;
  node->name = arguments[0]->name;
  return node;
}

NodePtr Parser::presence(std::vector<NodePtr> arguments, std::size_t offset) {
  if (arguments[0]->kind != Node::Kind::select)
    return fail(arguments[0]->offset, "has() asks for a field; write has(body.field)");
  NodePtr node = std::move(arguments[0]);
  node->kind = Node::Kind::has;
  node->offset = offset;
  return node;
}

Compiled<NodePtr> Parser::run() {
  if (next().type == Token::Type::end)
    return Mistake{0, "the expression is empty; write one, e.g. body.status == \"up\""};
  NodePtr root = expression();
  if (root && next().type != Token::Type::end)
    fail(next().offset, fmt::format("{} stands where the expression could end", in_quotes(next().source)));
  if (mistake_) return *mistake_;
  return root;
}

}  // namespace

Compiled<NodePtr> parse_expression(std::string_view expression) {
  Compiled<std::vector<Token>> tokens = split_into_tokens(expression);
  if (!tokens) return tokens.error();
  return Parser(std::move(*tokens)).run();
}

}  // namespace lookout::cel
