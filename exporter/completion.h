// Scripts by which shells complete the command line, written from the table that reads it.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace lookout {

CLI::App* add_completion_command(CLI::App& app, std::string& shell);

// `shell`: bash, zsh or fish.
std::string completion_script(std::string_view shell, const CLI::App& app);

}  // namespace lookout
