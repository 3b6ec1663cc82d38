#include "exporter/serve/routes.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "exporter/serve/assets.h"
#include "exporter/serve/badge.h"
#include "exporter/serve/debug_page.h"
#include "exporter/serve/drill_api.h"
#include "exporter/serve/incident_api.h"
#include "exporter/serve/incident_feed.h"
#include "exporter/serve/incidents_page.h"
#include "exporter/serve/json_api.h"
#include "exporter/serve/page_text.h"
#include "exporter/serve/pausing.h"
#include "exporter/serve/probe_page.h"
#include "exporter/serve/query.h"
#include "exporter/serve/recovery_api.h"
#include "exporter/serve/scrape_page.h"
#include "exporter/serve/service_discovery.h"
#include "exporter/serve/status_page.h"
#include "exporter/serve/target_page.h"

namespace lookout {
namespace {

Response not_found() { return error_response(404, "404 page not found"); }

Response healthy(Backend&, const Request&) { return text_response(200, "Healthy"); }

Response ready(Backend& backend, const Request&) {
  return backend.ready() ? text_response(200, "Ready") : error_response(503, "not ready yet");
}

Response config_page(Backend& backend, const Request&) {
  Response response = text_response(200, backend.config()->printed);
  response.content_type = "text/plain";
  response.compressible = true;
  return response;
}

Response reload(Backend& backend, const Request& request) {
  if (request.method != "POST" && request.method != "PUT") {
    Response response = error_response(405, "This endpoint requires a POST request.");
    response.headers.emplace_back("Allow", "POST, PUT");
    return response;
  }
  const std::vector<Problem> problems = backend.reload();
  if (problems.empty()) return text_response(200, "");
  std::string text = "failed to reload config: ";
  for (const Problem& problem : problems) {
    if (&problem != &problems.front()) text += '\n';
    text += describe(problem);
  }
  return error_response(500, text);
}

// Pages of Lookout's own are read with GET and HEAD; blackbox_exporter's take any method, and so do ours of
// the same name.
std::optional<Response> refused_method(const Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  Response response = error_response(405, "This page is read with GET.");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

Response logs(Backend& backend, const Request& request) { return logs_page(backend.history(), request); }

Response all_targets(Backend& backend, const Request& request) {
  if (auto refused = refused_method(request)) return *std::move(refused);
  return targets_json(backend.book());
}

Response health(Backend& backend, const Request& request, const std::string& name) {
  if (auto refused = refused_method(request)) return *std::move(refused);
  const TargetRecord* record = backend.book().find(name);
  if (record == nullptr) return error_response(404, "there is no target of this name");
  const std::string text = state_in_words(*record) + '\n';
  return text_response(record->state.state == State::down ? 503 : 200, text);
}

Response targets_for_prometheus(Backend& backend, const Request& request) {
  if (auto refused = refused_method(request)) return *std::move(refused);
  return service_discovery(*backend.config());
}

// A name may hold a slash of its own, which is %2F in the path; here it has been decoded already.
Response one_target(Backend& backend, const Request& request, const std::string& name) {
  constexpr std::string_view kPause = "/pause";
  if (name.ends_with(kPause) && backend.book().find(name) == nullptr)
    return pause_target(backend, request, name.substr(0, name.size() - kPause.size()));
  if (auto refused = refused_method(request)) return *std::move(refused);
  const TargetRecord* record = backend.book().find(name);
  return record == nullptr ? error_response(404, "there is no target of this name") : target_json(*record);
}

Response asset(Backend&, const Request& request, const std::string& name) {
  if (auto refused = refused_method(request)) return *std::move(refused);
  return asset_response(name, request.query);
}

struct FixedRoute {
  std::string_view path;
  Response (*answer)(Backend&, const Request&);
};
constexpr std::array kFixedRoutes{
    FixedRoute{"/-/healthy", healthy},
    FixedRoute{"/-/ready", ready},
    FixedRoute{"/-/reload", reload},
    FixedRoute{"/config", config_page},
    FixedRoute{"/api/v1/targets", all_targets},
    FixedRoute{"/logs", logs},
    FixedRoute{"/api/v1/sd", targets_for_prometheus},
    FixedRoute{"/api/v1/drills", drills_answer},
    FixedRoute{"/api/v1/recovery", recovery_answer},
    FixedRoute{"/api/v1/alertmanager", alertmanager_answer},
};

struct NameRoute {
  std::string_view prefix;  // the rest of the path is a name, percent-encoded
  Response (*answer)(Backend&, const Request&, const std::string& name);
};
constexpr std::array kNameRoutes{NameRoute{"/health/", health}, NameRoute{"/api/v1/targets/", one_target},
                                 NameRoute{"/api/v1/attempts/", attempt_answer},
                                 NameRoute{"/api/v1/drills/", drill_answer}, NameRoute{"/assets/", asset}};

// What a page that waits for the journal is made of.
struct Asked {
  Backend& backend;
  const Request& request;
  const ServerOptions& options;
  PastCache& past;
  std::string rest;  // of the path, decoded
};

// A path that ends with a slash wants more behind it, but for the first page's.
struct WaitingRoute {
  std::string_view path;
  Task<Response> (*answer)(Asked);
};
constexpr std::array kWaitingRoutes{
    WaitingRoute{"/", [](Asked asked) { return status_page(asked.backend, asked.request, asked.past); }},
    WaitingRoute{"/incidents", [](Asked asked) { return incidents_page(asked.backend, asked.request); }},
    WaitingRoute{"/targets/",
                 [](Asked asked) {
                   return target_page(asked.backend, asked.request, asked.past, std::move(asked.rest));
                 }},
    WaitingRoute{
        "/incidents/",
        [](Asked asked) { return incident_page(asked.backend, asked.request, std::move(asked.rest)); }},
    WaitingRoute{
        "/api/v1/incidents",
        [](Asked asked) { return incidents_json(asked.backend, asked.request, asked.options.route_prefix); }},
    WaitingRoute{"/api/v1/incidents/",
                 [](Asked asked) { return incident_answer(asked.backend, std::move(asked.rest)); }},
    WaitingRoute{"/incidents.atom",
                 [](Asked asked) { return incident_feed(asked.backend, asked.options.external_url); }},
    WaitingRoute{"/badge/",
                 [](Asked asked) { return badge(asked.backend, asked.request, std::move(asked.rest)); }},
};

const WaitingRoute* find_waiting_route(std::string_view path) {
  for (const WaitingRoute& route : kWaitingRoutes) {
    const bool wants_more = route.path.ends_with('/') && route.path != "/";
    if (wants_more ? path.starts_with(route.path) && path != route.path : path == route.path) return &route;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> Routes::within_prefix(const Request& request, Response& outside) const {
  const std::string_view prefix = options_.route_prefix;
  if (prefix.empty() || prefix == "/") return request.path;
  if (request.path.starts_with(prefix)) return request.path.substr(prefix.size() - 1);
  if (request.path == "/") {
    std::string url = options_.external_url.empty() ? std::string(prefix) : options_.external_url;
    while (url.size() > 1 && url.ends_with('/')) url.pop_back();
    outside = redirect_response(302, std::move(url));
  } else if (request.path == prefix.substr(0, prefix.size() - 1)) {
    outside = redirect_response(301, std::string(prefix));
  } else {
    outside = not_found();
  }
  return std::nullopt;
}

Response Routes::answer_now(const Request& request, std::string_view path) {
  for (const FixedRoute& route : kFixedRoutes) {
    if (route.path == path) return route.answer(backend_, request);
  }
  for (const NameRoute& route : kNameRoutes) {
    if (!path.starts_with(route.prefix) || path.size() == route.prefix.size()) continue;
    const auto name = decode_path_text(path.substr(route.prefix.size()));
    return name ? route.answer(backend_, request, *name) : error_response(400, "a broken escape in the path");
  }
  return not_found();
}

Task<Response> Routes::answer(const Request& request) {
  if (std::string clean = clean_path(request.path); request.path.starts_with('/') && clean != request.path) {
    if (!request.query.empty()) clean.append("?").append(request.query);
    co_return redirect_response(301, std::move(clean));
  }
  Response outside;
  const std::optional<std::string> path = within_prefix(request, outside);
  if (!path) co_return outside;
  if (*path == "/probe") co_return co_await probe_page(backend_, request, options_.timeout_offset_seconds);
  if (*path == "/metrics") co_return co_await scrape_page(backend_, request, options_.timeout_offset_seconds);
  if (const WaitingRoute* route = find_waiting_route(*path)) {
    if (auto refused = refused_method(request)) co_return *std::move(refused);
    auto rest = decode_path_text(std::string_view(*path).substr(route->path.size()));
    if (!rest) co_return error_response(400, "a broken escape in the path");
    co_return co_await route->answer({backend_, request, options_, past_, *std::move(rest)});
  }
  co_return answer_now(request, *path);
}

}  // namespace lookout
