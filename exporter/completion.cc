#include "exporter/completion.h"

#include <iterator>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lookout {
namespace {

struct Option {
  std::vector<std::string> words;  // with their dashes
  std::string help;
  bool takes_value = false;
  bool takes_file = false;
  std::vector<std::string> values;  // if there are only these
};

struct Words {
  std::string name;  // empty: of the program itself
  std::string help;
  std::vector<Option> options;
  std::vector<std::string> arguments;  // if there are only these
};

// What an option is checked for is part of the library's name of its type: "...{a,b}" or "...{a->0,b->1}".
std::vector<std::string> values_of(const std::string& type) {
  std::vector<std::string> values;
  const std::size_t begin = type.find('{');
  if (begin == std::string::npos) return values;
  for (const std::string& each : CLI::detail::split(type.substr(begin + 1, type.find('}') - begin - 1), ','))
    values.push_back(each.substr(0, each.find("->")));
  return values;
}

Option option_of(const CLI::Option& option) {
  Option result;
  for (const std::string& letter : option.get_snames()) result.words.push_back("-" + letter);
  for (const std::string& word : option.get_lnames()) result.words.push_back("--" + word);
  result.help = option.get_description().substr(0, option.get_description().find_first_of("(;"));
  CLI::detail::rtrim(result.help);
  result.takes_value = option.get_items_expected_max() > 0;
  const std::string& name = result.words.back();
  result.takes_file = name.ends_with(".file") || name.ends_with(".path");
  result.values = values_of(option.get_type_name());
  return result;
}

Words words_of(const CLI::App& app, const std::string& name) {
  Words words{name, app.get_description(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      words.arguments = values_of(option->get_type_name());
    } else {
      words.options.push_back(option_of(*option));
    }
  }
  return words;
}

std::vector<Words> commands_of(const CLI::App& app) {
  std::vector<Words> commands;
  for (const CLI::App* command : app.get_subcommands(nullptr))
    commands.push_back(words_of(*command, command->get_name()));
  return commands;
}

std::string names_of(const std::vector<Words>& commands, std::string_view between) {
  std::vector<std::string> names;
  for (const Words& command : commands) names.push_back(command.name);
  return fmt::format("{}", fmt::join(names, between));
}

std::string in_single_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char character : text)
    quoted += character == '\'' ? std::string(R"('\'')") : std::string(1, character);
  return quoted + "'";
}

// bash splits --name=value at the equals sign. Where nothing is answered, it completes files.
constexpr std::string_view kBash = R"(# Completion of lookout for bash, written by `lookout completion bash`.
_lookout() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} option=${{COMP_WORDS[COMP_CWORD - 1]}} command= word words=
  if [[ $current == = ]]; then
    current=
  elif [[ $option == = ]]; then
    option=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in {0}) command=$word; break ;; esac
  done
  case "$command $option" in
{1}  esac
  if [[ -z $words && $current == -* ]]; then
    case $command in
{2}    esac
  elif [[ -z $words ]]; then
    case $command in
{3}    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ ${{COMPREPLY[*]}} == --*= ]]; then compopt -o nospace; fi
}}
complete -o bashdefault -o default -F _lookout lookout
)";

std::string bash_words(const Words& words) {
  std::string all;
  for (const Option& option : words.options) {
    for (const std::string& word : option.words)
      all += (all.empty() ? "" : " ") + word + (option.takes_value ? "=" : "");
  }
  return all;
}

std::string for_bash(const Words& program, const std::vector<Words>& commands) {
  std::string values, options, arguments;
  std::vector<Words> all = commands;
  all.push_back(program);
  for (const Words& each : all) {
    for (const Option& option : each.options) {
      if (!option.takes_value) continue;
      for (const std::string& word : option.words) {
        values += fmt::format("    \"{} {}\") ", each.name, word);
        values += option.values.empty() ? "return ;;\n"
                                        : fmt::format("words=\"{}\" ;;\n", fmt::join(option.values, " "));
      }
    }
    options += fmt::format("      \"{}\") words=\"{}\" ;;\n", each.name, bash_words(each));
    const std::string words =
        each.name.empty() ? names_of(commands, " ") : fmt::format("{}", fmt::join(each.arguments, " "));
    if (!words.empty()) arguments += fmt::format("      \"{}\") words=\"{}\" ;;\n", each.name, words);
  }
  return fmt::format(kBash, names_of(commands, "|"), values, options, arguments);
}

// Brackets and colons separate the parts of a specification.
std::string for_zsh_text(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    if (std::string_view("[]:\\").find(character) != std::string_view::npos) escaped += '\\';
    escaped += character;
  }
  return escaped;
}

std::string zsh_specifications(const Words& words) {
  std::string lines;
  for (const Option& option : words.options) {
    for (const std::string& word : option.words) {
      std::string line = word + (option.takes_value ? "=" : "") + "[" + for_zsh_text(option.help) + "]";
      if (option.takes_file)
        line += ":file:_files";
      else if (!option.values.empty())
        line += fmt::format(":value:({})", fmt::join(option.values, " "));
      else if (option.takes_value)
        line += ":value:";
      lines += "        " + in_single_quotes(line) + " \\\n";
    }
  }
  return lines;
}

std::string for_zsh(const Words& program, const std::vector<Words>& commands) {
  std::string text =
      "#compdef lookout\n# Completion of lookout for zsh, written by `lookout completion zsh`.\n_lookout() "
      "{\n";
  text += fmt::format("  case ${{words[(r)({})]}} in\n", names_of(commands, "|"));
  for (const Words& command : commands) {
    const std::string arguments =
        command.arguments.empty() ? "_files" : fmt::format("({})", fmt::join(command.arguments, " "));
    text += fmt::format("    {0})\n      _arguments \\\n{1}        '1:command:({0})' '*:argument:{2}' ;;\n",
                        command.name, zsh_specifications(command), arguments);
  }
  std::string names;
  for (const Words& command : commands)
    names += fmt::format("{}\\:\"{}\" ", command.name, for_zsh_text(command.help));
  text += fmt::format("    *)\n      _arguments \\\n{}        {} ;;\n  esac\n}}\n",
                      zsh_specifications(program), in_single_quotes("1:command:((" + names + "))"));
  return text + "[ \"$funcstack[1]\" = _lookout ] && _lookout \"$@\" || compdef _lookout lookout\n";
}

std::string fish_option(const std::string& condition, const Option& option) {
  std::string line = "complete -c lookout -n " + in_single_quotes(condition);
  for (const std::string& word : option.words)
    line += word.starts_with("--") ? " -l " + word.substr(2) : " -s " + word.substr(1);
  if (option.takes_value) line += option.takes_file ? " -r -F" : " -x";
  if (!option.values.empty()) line += fmt::format(" -a '{}'", fmt::join(option.values, " "));
  return line + " -d " + in_single_quotes(option.help) + "\n";
}

std::string for_fish(const Words& program, const std::vector<Words>& commands) {
  std::string text = "# Completion of lookout for fish, written by `lookout completion fish`.\n";
  const std::string none = "not __fish_seen_subcommand_from " + names_of(commands, " ");
  text += fmt::format("complete -c lookout -n '{}' -f\n", none);
  for (const Option& option : program.options) text += fish_option(none, option);
  for (const Words& command : commands) {
    text += fmt::format("complete -c lookout -n '{}' -a {} -d {}\n", none, command.name,
                        in_single_quotes(command.help));
    const std::string here = "__fish_seen_subcommand_from " + command.name;
    if (!command.arguments.empty())
      text +=
          fmt::format("complete -c lookout -n '{}' -f -a '{}'\n", here, fmt::join(command.arguments, " "));
    for (const Option& option : command.options) text += fish_option(here, option);
  }
  return text;
}

}  // namespace

CLI::App* add_completion_command(CLI::App& app, std::string& shell) {
  CLI::App* completion =
      app.add_subcommand("completion", "Print what makes a shell complete this command line");
  completion->add_option("SHELL", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  return completion;
}

std::string completion_script(std::string_view shell, const CLI::App& app) {
  const Words program = words_of(app, {});
  const std::vector<Words> commands = commands_of(app);
  if (shell == "zsh") return for_zsh(program, commands);
  return shell == "fish" ? for_fish(program, commands) : for_bash(program, commands);
}

}  // namespace lookout
