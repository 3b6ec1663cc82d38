#include "exporter/serve/recovery_api.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/report/incident_report.h"
#include "exporter/serve/posting.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostAttempts = 100;
constexpr std::size_t kMostAlertBytes = 1024 * 1024;
constexpr std::size_t kMostAlerts = 1000;

Response answered(const Recovery::Answer& answer) {
  const json::object text{{"accepted", answer.accepted}, {"text", answer.text}};
  return json_response(answer.accepted ? 200 : 409, json::serialize(text) + '\n');
}

json::object status_of(const Recovery& recovery, const Config& config) {
  std::vector<const RecoveryAttempt*> newest = recovery.ledger().all();
  std::ranges::sort(newest, std::greater(), &RecoveryAttempt::decided);
  if (newest.size() > kMostAttempts) newest.resize(kMostAttempts);
  json::array attempts;
  for (const RecoveryAttempt* attempt : newest) attempts.push_back(attempt_json(*attempt));
  return {{"mode", name(recovery.mode())},
          {"configured", name(config.recovery.mode)},
          {"bound", name(recovery.bound())},
          {"attempts", std::move(attempts)}};
}

const json::string* text_in(const json::value& value, const char* key) {
  const json::object* object = value.if_object();
  const json::value* found = object != nullptr ? object->if_contains(key) : nullptr;
  return found != nullptr ? found->if_string() : nullptr;
}

std::optional<json::value> parsed(const std::string& body) {
  json::error_code error;
  json::value value = json::parse(body, error);
  if (error || !value.is_object()) return std::nullopt;
  return value;
}

}  // namespace

Response recovery_answer(Backend& backend, const Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    if (auto refused = refused_posting(request, "A mode of recovery")) return *std::move(refused);
    const std::optional<json::value> value = parsed(request.body);
    const json::string* mode = value ? text_in(*value, "mode") : nullptr;
    const auto wanted = mode != nullptr ? parse_recovery_mode(std::string_view(*mode)) : std::nullopt;
    if (!wanted || value->get_object().size() != 1)
      return error_response(400, "the body must be {\"mode\": \"off\"}, or observe, approve, auto");
    backend.recovery().set_bound(*wanted);
  }
  return json_response(200, json::serialize(status_of(backend.recovery(), *backend.config())) + '\n');
}

Response attempt_answer(Backend& backend, const Request& request, const std::string& rest) {
  constexpr std::string_view kApprove = "/approve";
  if (!rest.ends_with(kApprove)) return error_response(404, "404 page not found");
  if (auto refused = refused_posting(request, "An approval")) return *std::move(refused);
  const std::string id = rest.substr(0, rest.size() - kApprove.size());
  return answered(backend.recovery().approve(id, request.user, this_moment()));
}

Response alertmanager_answer(Backend& backend, const Request& request) {
  if (auto refused = refused_posting(request, "Recovery", kMostAlertBytes)) return *std::move(refused);
  const std::optional<json::value> value = parsed(request.body);
  const json::value* alerts = value ? value->get_object().if_contains("alerts") : nullptr;
  if (alerts == nullptr || !alerts->is_array() || alerts->get_array().size() > kMostAlerts)
    return error_response(400, "the body is no webhook of Alertmanager: it has no list of alerts");
  json::array answers;
  for (const json::value& alert : alerts->get_array()) {
    const json::value* labels = alert.is_object() ? alert.get_object().if_contains("labels") : nullptr;
    const json::string* status = text_in(alert, "status");
    const json::string* target = labels != nullptr ? text_in(*labels, "target") : nullptr;
    if (status == nullptr || *status != "firing" || target == nullptr) continue;
    const json::string* alertname = text_in(*labels, "alertname");
    const std::string by =
        "the alert " + one_line(alertname != nullptr ? std::string_view(*alertname) : "without a name", 64);
    if (const json::string* drill = text_in(*labels, "drill"); drill != nullptr && *drill == "true") {
      const json::string* receiver = text_in(*value, "receiver");
      const bool known = backend.drills().delivered(
          std::string(*target),
          receiver != nullptr ? one_line(std::string_view(*receiver), 64) : std::string("without a name"), by,
          this_moment());
      answers.push_back(
          {{"target", *target},
           {"accepted", known},
           {"text", known ? "a drill: nothing is done" : "no such drill runs: nothing is done"}});
      continue;
    }
    const Recovery::Answer answer = backend.recovery().ask(std::string(*target), by, this_moment());
    answers.push_back({{"target", *target}, {"accepted", answer.accepted}, {"text", answer.text}});
  }
  return json_response(200, json::serialize(json::object{{"alerts", std::move(answers)}}) + '\n');
}

}  // namespace lookout
