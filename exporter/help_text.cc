#include "exporter/help_text.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "exporter/report/terminal_text.h"

namespace lookout {
namespace {

constexpr std::size_t kWidth = 100, kColumn = 34;

std::string row(const std::string& left, const std::string& right) {
  std::string text = "  " + left;
  text +=
      text.size() + 2 > kColumn ? "\n" + std::string(kColumn, ' ') : std::string(kColumn - text.size(), ' ');
  return text + wrapped(right, kWidth, kColumn, kColumn) + "\n";
}

// The library appends what a value is checked for.
std::string kind_of_value(const CLI::Option& option) {
  const std::string kind = option.get_type_name().substr(0, option.get_type_name().find_first_of(": "));
  if (kind == "INT" || kind == "UINT" || kind == "FLOAT") return "NUMBER";
  return kind == "ENUM" ? "WORD" : kind;
}

std::string name_of(const CLI::Option& option) {
  std::string name;
  for (const std::string& letter : option.get_snames()) name += "-" + letter + ", ";
  const std::vector<std::string>& words = option.get_lnames();
  if (words.empty()) return name;
  const bool has_no = std::ranges::find(words, "no-" + words.front()) != words.end();
  name += (has_no ? "--[no-]" : "--") + words.front();
  const std::string kind = kind_of_value(option);
  return kind.empty() ? name : name + "=" + kind;
}

std::string default_of(const CLI::Option& option) {
  std::string text = option.get_default_str();
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return text.empty() || option.get_type_name().empty() ? "" : " (default: " + text + ")";
}

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    return row(is_positional ? make_option_name(option, true) : name_of(*option),
               option->get_description() + default_of(*option));
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return row(command->get_name(), command->get_description());
  }
  std::string make_description(const CLI::App* app) const override {
    return wrapped(app->get_description(), kWidth, 0, 0) + "\n\n";
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<HelpFormatter>(); }

}  // namespace lookout
