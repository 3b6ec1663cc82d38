// `lookout incidents` and `lookout report`: of a running instance, or out of a journal's file.
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/commands.h"
#include "exporter/fetch.h"
#include "exporter/journal/report_files.h"
#include "exporter/report/incident_report.h"
#include "exporter/report/terminal_text.h"
#include "exporter/report/time_text.h"
#include "exporter/text_table.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::size_t kPage = 500;
constexpr int kUsage = 2;

WallTime now() { return std::chrono::system_clock::now(); }

// What is to be told, and what is in the way of the rest.
struct Listed {
  json::array incidents;
  std::string fault;
};

std::string word(const json::value& value) {
  return value.is_string() ? printable(one_line(std::string_view(value.get_string()), 60), true) : "-";
}

[[noreturn]] void refuse_stranger(const std::string& url) {
  throw std::runtime_error(fmt::format("{} does not answer as Lookout does", url));
}

// One page of /api/v1/incidents is added; the id to go on before, if there is more.
std::string take_page(const std::string& url, const Fetched& page, Listed& listed) {
  json::error_code bad;
  json::value document = json::parse(page.body, bad);
  const json::object* object = document.if_object();
  const json::value* incidents = object != nullptr ? object->if_contains("incidents") : nullptr;
  if (bad || incidents == nullptr || !incidents->is_array()) {
    if (page.status != 200)
      throw std::runtime_error(
          fmt::format("{}: HTTP status {}: {}", url, page.status, one_line(page.body, 200)));
    refuse_stranger(url);
  }
  for (const json::value& incident : incidents->get_array()) listed.incidents.push_back(incident);
  if (const json::value* error = object->if_contains("error")) listed.fault = word(*error);
  const json::value* next = object->if_contains("next");
  if (next == nullptr || !next->is_string() || incidents->get_array().empty()) return {};
  return word(listed.incidents.back().at("id"));
}

Listed ask_instance(const Flags& flags) {
  Listed listed;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(flags.since).count();
  const std::string url = fmt::format("{}/api/v1/incidents?since={}s&limit={}", without_slash(flags.url),
                                      std::max<std::int64_t>(seconds, 1), kPage);
  for (std::string before = take_page(url, fetch(url), listed); !before.empty();)
    before = take_page(url, fetch(url + "&before=" + before), listed);
  return listed;
}

Listed read_journal(const Flags& flags) {
  Store store = open_journal(flags.storage_path);
  IncidentFilter filter;
  filter.since = now() - std::chrono::duration_cast<WallTime::duration>(flags.since);
  filter.limit = kPage;
  Listed listed;
  for (bool more = true; more;) {
    const std::vector<Incident> page = store.incidents(filter);
    for (const Incident& incident : page)
      listed.incidents.push_back(json::parse(incident_summary_json(incident, now())));
    more = page.size() == kPage;
    if (more) filter.before = page.back().id;
  }
  return listed;
}

bool is_drill(const json::object& incident) {
  const json::value* drill = incident.if_contains("drill");  // an older instance has none
  return drill != nullptr && drill->is_bool() && drill->get_bool();
}

TableRow row(const json::object& incident) {
  const json::value& failure = incident.at("failure");
  const double seconds = incident.at("duration_seconds").to_number<double>();
  const std::string lasted =
      for_people(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
  return {
      word(incident.at("id")),
      word(incident.at("target")),
      word(incident.at("severity")),
      word(incident.at("onset")),
      incident.at("open").as_bool() ? lasted + ", open" : lasted,
      word(failure.at("stage")) + "/" + word(failure.at("cause")) + (is_drill(incident) ? ", DRILL" : "")};
}

void print_table(const Listed& listed, const std::string& from) {
  if (listed.incidents.empty()) {
    std::cout << "No incidents.\n";
    return;
  }
  std::vector<TableRow> rows{{"ID", "TARGET", "SEVERITY", "ONSET", "DURATION", "FAILURE"}};
  try {
    for (const json::value& incident : listed.incidents) rows.push_back(row(incident.as_object()));
  } catch (const std::exception&) {
    refuse_stranger(from);
  }
  std::cout << text_table(rows);
}

int fetch_report(const Flags& flags) {
  const std::string url = fmt::format("{}/api/v1/incidents/{}/report.{}", without_slash(flags.url),
                                      flags.incident, flags.report_format);
  const auto [status, body] = fetch(url);
  if (status != 200)
    throw std::runtime_error(fmt::format("{}: HTTP status {}: {}", url, status, one_line(body, 200)));
  std::cout << body;
  return 0;
}

int read_report(const Flags& flags) {
  Store store = open_journal(flags.storage_path);
  const std::optional<Incident> incident = store.incident(flags.incident);
  if (!incident) {
    throw std::runtime_error(
        fmt::format("there is no incident {} in {}; `lookout incidents --storage.path={}` "
                    "lists them",
                    flags.incident, flags.storage_path, flags.storage_path));
  }
  const IncidentReport report{*incident, earlier_alike(store, *incident), now()};
  std::cout << (flags.report_format == "md"     ? incident_markdown(report)
                : flags.report_format == "html" ? incident_html_page(report)
                                                : incident_json(report));
  return 0;
}

}  // namespace

Store open_journal(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::path(folder) / "journal.db";
  if (!std::filesystem::exists(file, error)) {
    throw std::runtime_error(
        fmt::format("{}: there is no journal; --storage.path names the folder of one", file.string()));
  }
  try {
    return Store::read_only(folder);
  } catch (const StoreError& failed) {
    throw std::runtime_error(fmt::format("{}: {}", file.string(), failed.what()));
  }
}

int run_incidents(const Flags& flags) {
  const Listed listed = flags.from_storage ? read_journal(flags) : ask_instance(flags);
  if (flags.json) {
    std::cout << json::serialize(json::object{{"incidents", listed.incidents}}) << '\n';
  } else {
    print_table(listed, flags.url);
  }
  if (listed.fault.empty()) return 0;
  std::cerr << "lookout: error: only what is open is shown: " << listed.fault << '\n';
  return 1;
}

int run_report(const Flags& flags) {
  if (!is_incident_id(flags.incident)) {
    std::cerr << fmt::format(
        "lookout: error: {} is no incident's id; `lookout incidents` lists them, e.g. "
        "20261125-030421-5f3a90c1\n",
        in_quotes(flags.incident));
    return kUsage;
  }
  return flags.from_storage ? read_report(flags) : fetch_report(flags);
}

}  // namespace lookout
