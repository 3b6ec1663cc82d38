// `lookout approve ID`: a person lets recovery do what it has decided.
#include <iostream>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/fetch.h"
#include "exporter/report/terminal_text.h"
#include "probes/core/text.h"

namespace lookout {

CLI::App* add_approve_command(CLI::App& app, Flags& flags) {
  CLI::App* approve =
      app.add_subcommand("approve", "Let recovery do what it has decided and waits for a person to approve");
  approve->add_option("ID", flags.attempt, "Of the decision, as log, report and /api/v1/recovery tell it")
      ->required();
  approve
      ->add_option("--url", flags.url,
                   "Where it listens; with user:password@, as approving needs authentication")
      ->capture_default_str();
  return approve;
}

int run_approve(const Flags& flags) {
  const std::string url =
      fmt::format("{}/api/v1/attempts/{}/approve", without_slash(flags.url), flags.attempt);
  const Fetched answer = post_json(url, "{}");
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(answer.body, error);
  const boost::json::value* text =
      !error && value.is_object() ? value.get_object().if_contains("text") : nullptr;
  if (text == nullptr || !text->is_string()) {
    throw std::runtime_error(fmt::format("{}: HTTP status {}: {}", mask_url_password(url), answer.status,
                                         printable(one_line(answer.body, 300), true)));
  }
  const std::string words = printable(one_line(std::string_view(text->get_string()), 300), true);
  (answer.status == 200 ? std::cout : std::cerr) << flags.attempt << ": " << words << '\n';
  return answer.status == 200 ? 0 : 1;
}

}  // namespace lookout
