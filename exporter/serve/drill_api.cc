#include "exporter/serve/drill_api.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/report/json_text.h"
#include "exporter/report/time_text.h"
#include "exporter/serve/posting.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostBytes = 8 * 1024;

json::array hops(const Course& course) {
  json::array all;
  for (std::size_t i = 0; i < kHopCount; ++i) {
    const Hop hop = static_cast<Hop>(i);
    const HopStatus& status = course.at(hop);
    all.push_back({{"hop", name(hop)},
                   {"state", name(status.state)},
                   {"time", json_time_or_null(status.at)},
                   {"seconds", status.at ? json::value(seconds(status.took)) : json::value(nullptr)},
                   {"text", json_text_or_null(status.text)}});
  }
  return all;
}

// An order, or what is wrong with it.
std::variant<DrillOrder, std::string> read_order(const std::string& body) {
  json::error_code error;
  const json::value value = json::parse(body, error);
  if (error || !value.is_object()) return R"(the body must be {"target": "NAME"})";
  DrillOrder order;
  for (const auto& [key, field] : value.get_object()) {
    const json::string* words = field.if_string();
    if (words == nullptr) return fmt::format("{}: write a text", std::string_view(key));
    const std::string word(*words);
    if (key == "target") {
      order.target = word;
    } else if (key == "failure") {
      const auto failure = parse_pretended_failure(word);
      if (!failure)
        return fmt::format("failure: {} is none that can be pretended; {}", in_quotes(word),
                           pretended_failures());
      order.failure = *failure;
    } else if (key == "duration") {
      const auto duration = parse_duration(word);
      if (!duration) return fmt::format("duration: {} is none; write e.g. 90s", in_quotes(word));
      order.duration = *duration;
    } else if (key == "prometheus_url") {
      order.prometheus_url = word;
    } else if (key == "alertmanager_url") {
      order.alertmanager_url = word;
    } else {
      return fmt::format("{} is no part of a drill", in_quotes(std::string_view(key)));
    }
  }
  if (order.target.empty()) return R"(the body must be {"target": "NAME"})";
  return order;
}

Response begin(Backend& backend, const Request& request) {
  if (auto refused = refused_posting(request, "A drill", kMostBytes)) return *std::move(refused);
  auto order = read_order(request.body);
  if (const auto* problem = std::get_if<std::string>(&order)) return error_response(400, *problem);
  DrillOrder& wanted = std::get<DrillOrder>(order);
  wanted.by = request.user.empty() ? std::string("a certificate") : request.user;
  const auto started = backend.drills().start(std::move(wanted), this_moment());
  if (const auto* refusal = std::get_if<Drills::Refusal>(&started))
    return error_response(refusal->status, refusal->text);
  return json_response(201,
                       json::serialize(drill_json(*std::get<std::shared_ptr<const Drill>>(started))) + '\n');
}

}  // namespace

json::object drill_json(const Drill& drill) {
  const DrillOrder& order = drill.order;
  return {{"id", json_text(drill.id)},
          {"target", json_text(order.target)},
          {"failure", json_text(key(order.failure))},
          {"duration_seconds", seconds(order.duration)},
          {"by", json_text(order.by)},
          {"prometheus_url", json_text_or_null(mask_url_password(order.prometheus_url))},
          {"alertmanager_url", json_text_or_null(mask_url_password(order.alertmanager_url))},
          {"started", json_text(rfc3339(drill.started))},
          {"ended", json_time_or_null(drill.ended)},
          {"outcome", name(drill.outcome)},
          {"text", json_text(drill.outcome == DrillOutcome::running ? drill.course.summary() : drill.text)},
          {"incident", json_text_or_null(drill.incident ? drill.incident->id : std::string())},
          {"recovery", json_text_or_null(drill.recovery)},
          {"hops", hops(drill.course)}};
}

Response drills_answer(Backend& backend, const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return begin(backend, request);
  json::array all;
  for (const auto& drill : backend.drills().all()) all.push_back(drill_json(*drill));
  return json_response(200, json::serialize(json::object{{"drills", std::move(all)}}) + '\n');
}

Response drill_answer(Backend& backend, const Request& request, const std::string& id) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = error_response(405, "A drill is read with GET.");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  const Drill* drill = backend.drills().find(id);
  if (drill == nullptr) return error_response(404, "there is no drill of this id; /api/v1/drills lists them");
  return json_response(200, json::serialize(drill_json(*drill)) + '\n');
}

}  // namespace lookout
