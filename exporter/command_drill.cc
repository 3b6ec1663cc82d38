// `lookout drill TARGET`: has a running instance hold a drill, and tells each hop when it is taken.
#include <iostream>
#include <set>
#include <stdexcept>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/fetch.h"
#include "exporter/report/terminal_text.h"
#include "exporter/report/time_text.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr auto kPollInterval = std::chrono::milliseconds(500);
constexpr int kMostFailedPolls = 10;  // in a row

std::string said(std::string_view text) { return printable(one_line(text, 500), true); }

// Empty of what is no text.
std::string word(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? said(std::string_view(value->get_string())) : std::string();
}

std::string order_of(const Flags& flags) {
  json::object order{{"target", flags.target},
                     {"failure", key(flags.failure)},
                     {"duration", print_duration(flags.duration)}};
  if (!flags.prometheus_url.empty()) order["prometheus_url"] = flags.prometheus_url;
  if (!flags.alertmanager_url.empty()) order["alertmanager_url"] = flags.alertmanager_url;
  return json::serialize(order);
}

json::object drill_in(const std::string& url, const Fetched& answer, int status) {
  if (answer.status != status)
    throw std::runtime_error(
        fmt::format("{}: HTTP status {}: {}", mask_url_password(url), answer.status, said(answer.body)));
  json::error_code error;
  json::value value = json::parse(answer.body, error);
  if (error || !value.is_object() || !value.get_object().contains("hops"))
    throw std::runtime_error(fmt::format("{} does not answer as Lookout does", mask_url_password(url)));
  return value.get_object();
}

// What of it was told already.
struct Told {
  std::set<std::string> hops;
  std::string recovery;
};

void tell_hop(const json::object& hop, Told& told) {
  const std::string name = word(hop, "hop"), state = word(hop, "state"), text = word(hop, "text");
  if (state == "waiting") return;
  if (!told.hops.insert(name).second) return;
  if (state == "passed" || state == "broken") {
    const json::value* seconds = hop.if_contains("seconds");
    const double took = seconds != nullptr && seconds->is_number() ? seconds->to_number<double>() : 0;
    std::cout << fmt::format("{:<8}{:<23}{:>8.1f} s  {}\n", state == "passed" ? "ok" : "BROKEN", name, took,
                             text);
  } else {
    std::cout << fmt::format("{:<8}{:<23}{:>10}\n", "-", name,
                             state == "not_asked" ? "not asked" : "not reached");
  }
}

void tell(const json::object& drill, Told& told) {
  const bool over = word(drill, "outcome") != "running";
  bool waited_for = false;
  for (const json::value& hop : drill.at("hops").as_array()) {
    const bool waits = word(hop.as_object(), "state") == "waiting";
    // In order: what comes after one that is waited for is told later.
    if (waits && !over) waited_for = true;
    if (!waited_for) tell_hop(hop.as_object(), told);
  }
  const std::string recovery = word(drill, "recovery");
  if (!recovery.empty() && std::exchange(told.recovery, recovery) != recovery)
    std::cout << fmt::format("{:<8}{:<23}{:>10}  {}\n", "-", "recovery", "", recovery);
  std::cout << std::flush;
}

json::object poll(const std::string& url) {
  for (int failed = 1;; ++failed) {
    try {
      return drill_in(url, fetch(url), 200);
    } catch (const std::exception&) {
      if (failed == kMostFailedPolls) throw;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

}  // namespace

int run_drill(const Flags& flags) {
  const std::string url = without_slash(flags.url) + "/api/v1/drills";
  json::object drill = drill_in(url, post_json(url, order_of(flags)), 201);
  const std::string id = word(drill, "id");
  std::cout << fmt::format("Drill {} of {}: {}\n", id, word(drill, "target"), word(drill, "failure"));
  Told told;
  tell(drill, told);
  while (word(drill, "outcome") == "running") {
    std::this_thread::sleep_for(kPollInterval);
    drill = poll(url + "/" + id);
    tell(drill, told);
  }
  const std::string incident = word(drill, "incident");
  if (!incident.empty()) std::cout << "Its incident: lookout report " << incident << '\n';
  const bool passed = word(drill, "outcome") == "passed";
  const std::string text = word(drill, "text");
  if (word(drill, "outcome") == "failed") {
    std::cerr << "The drill failed: " << text << '\n';
  } else {
    (passed ? std::cout : std::cerr) << "The drill " << text << '\n';
  }
  return passed ? 0 : 1;
}

}  // namespace lookout
