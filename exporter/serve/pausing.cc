#include "exporter/serve/pausing.h"

#include <boost/json/parse.hpp>

#include "exporter/serve/json_api.h"
#include "exporter/serve/posting.h"

namespace lookout {
namespace {

// Exactly {"paused": true} or {"paused": false}.
std::optional<bool> read_paused(const std::string& body) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  if (error || !value.is_object() || value.get_object().size() != 1) return std::nullopt;
  const boost::json::value* paused = value.get_object().if_contains("paused");
  if (paused == nullptr || !paused->is_bool()) return std::nullopt;
  return paused->get_bool();
}

}  // namespace

Response pause_target(Backend& backend, const Request& request, const std::string& name) {
  if (auto refused = refused_posting(request, "Pausing")) return *std::move(refused);
  const std::optional<bool> paused = read_paused(request.body);
  if (!paused) return error_response(400, "the body must be {\"paused\": true} or {\"paused\": false}");
  if (!backend.pause(name, *paused)) return error_response(404, "there is no target of this name");
  return target_json(*backend.book().find(name));
}

}  // namespace lookout
