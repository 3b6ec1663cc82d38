#include "exporter/fitted_dashboards.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::string_view kDashboards[] = {
#include "dashboards.inc"
};

json::object* variable(json::object& dashboard, std::string_view name) {
  for (json::value& each : dashboard.at("templating").at("list").as_array()) {
    if (each.at("name").as_string() == name) return &each.get_object();
  }
  return nullptr;
}

json::object option(std::string_view text, std::string_view value) {
  return {{"selected", true}, {"text", text}, {"value", value}};
}

void set_status_page(json::object& dashboard, std::string_view address) {
  json::object* page = variable(dashboard, "status_page");
  if (page == nullptr || address.empty()) return;
  page->insert_or_assign("query", address);
  page->insert_or_assign("current", option(address, address));
  page->insert_or_assign("options", json::array{option(address, address)});
}

// Where one target is shown, and none is chosen yet.
void choose_target(json::object& dashboard, const Config& config) {
  json::object* target = variable(dashboard, "target");
  if (target == nullptr || config.targets.empty() || target->at("multi").as_bool()) return;
  const std::string& first = config.targets.front()->name;
  target->insert_or_assign("current", option(first, first));
}

// The least of the offered bounds that no target's degraded_above exceeds.
void choose_quick(json::object& dashboard, const Config& config) {
  json::object* quick = variable(dashboard, "quick");
  Duration slowest{};
  for (const auto& target : config.targets)
    slowest = std::max(slowest, target->degraded_above.value_or(Duration::zero()));
  if (quick == nullptr || slowest == Duration::zero()) return;
  const double seconds = std::chrono::duration<double>(slowest).count();
  json::array& bounds = quick->at("options").as_array();
  const auto chosen = std::ranges::find_if(bounds, [&](const json::value& bound) {
    return std::stod(std::string(bound.at("value").as_string())) >= seconds;
  });
  if (chosen == bounds.end()) return;
  for (json::value& bound : bounds) bound.get_object()["selected"] = &bound == chosen;
  quick->insert_or_assign("current", *chosen);
}

// Dashboards lead to one another by path.
void name_links(json::value& value, const std::string& name) {
  if (auto* object = value.if_object()) {
    for (auto& member : *object) name_links(member.value(), name);
  } else if (auto* array = value.if_array()) {
    for (json::value& each : *array) name_links(each, name);
  } else if (const auto* text = value.if_string(); text != nullptr && text->starts_with("/d/")) {
    value = fmt::format("/d/{}-{}", name, std::string_view(*text).substr(3));
  }
}

void set_name(json::object& dashboard, const std::string& name) {
  dashboard["uid"] = fmt::format("{}-{}", name, std::string_view(dashboard.at("uid").as_string()));
  dashboard["title"] = fmt::format("{}: {}", name, std::string_view(dashboard.at("title").as_string()));
  dashboard.at("tags").as_array().emplace_back(name);
  for (json::value& link : dashboard.at("links").as_array()) {
    if (json::array& tags = link.at("tags").as_array(); !tags.empty()) tags.emplace_back(name);
  }
  name_links(dashboard.at("panels"), name);
}

}  // namespace

std::vector<json::object> fitted_dashboards(const Fitting& fitting) {
  const Config* config = fitting.config;
  const bool no_targets = config != nullptr && config->targets.empty() && config->target_files.empty();
  std::vector<json::object> dashboards;
  for (const std::string_view text : kDashboards) {
    json::object dashboard = json::parse(text).as_object();
    if (no_targets && variable(dashboard, "target") != nullptr) continue;
    set_status_page(dashboard, fitting.status_page);
    if (config != nullptr) {
      choose_target(dashboard, *config);
      choose_quick(dashboard, *config);
    }
    if (!fitting.name.empty()) set_name(dashboard, fitting.name);
    dashboards.push_back(std::move(dashboard));
  }
  return dashboards;
}

}  // namespace lookout
