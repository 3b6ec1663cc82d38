// `lookout targets`: the table of a running instance, from its JSON interface.
#include <iostream>
#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/fetch.h"
#include "exporter/text_table.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

std::string word(const boost::json::value& value) {
  return value.is_string() ? one_line(std::string_view(value.get_string()), 60) : "-";
}

TableRow row(const boost::json::object& target) {
  TableRow cells{word(target.at("name")),   word(target.at("state")), word(target.at("severity")), "-", "",
                 word(target.at("address"))};
  if (const auto* last = target.at("last_probe").if_object()) {
    cells[3] = fmt::format("{:.1f} ms", last->at("duration_seconds").to_number<double>() * 1000);
    if (last->at("stage").is_string()) cells[4] = word(last->at("stage")) + "/" + word(last->at("cause"));
  }
  if (const auto* incident = target.at("incident").if_object())
    cells[4] += " since " + word(incident->at("onset"));
  if (const auto* held = target.at("held").if_object()) {
    cells[1] = "held";
    cells[4] += fmt::format(" since {}, held: {} {}", word(held->at("onset")), word(held->at("why")),
                            word(held->at("by")));
  }
  return cells;
}

}  // namespace

int run_targets(const Flags& flags) {
  const std::string url = without_slash(flags.url) + "/api/v1/targets";
  const auto [status, body] = fetch(url);
  if (status != 200) throw std::runtime_error(fmt::format("{}: HTTP status {}", url, status));
  if (flags.json) {
    std::cout << body << '\n';
    return 0;
  }
  boost::system::error_code bad;
  boost::json::value document = boost::json::parse(body, bad);
  if (bad || !document.is_object() || !document.get_object().contains("targets")) {
    throw std::runtime_error(fmt::format("{} does not answer as Lookout does", without_slash(flags.url)));
  }
  std::vector<TableRow> rows{{"NAME", "STATE", "SEVERITY", "LATENCY", "FAILURE", "ADDRESS"}};
  for (const auto& target : document.at("targets").as_array()) rows.push_back(row(target.as_object()));
  std::cout << text_table(rows);
  return 0;
}

}  // namespace lookout
