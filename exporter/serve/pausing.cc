#include "exporter/serve/pausing.h"

#include <boost/json/parse.hpp>

#include "exporter/serve/json_api.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kMostBytes = 1024;

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
  if (request.method != "POST") {
    Response response = error_response(405, "A pause is asked for with POST.");
    response.headers.emplace_back("Allow", "POST");
    return response;
  }
  if (!request.authenticated) {
    return error_response(403,
                          "Pausing is for those who have shown who they are: give --web.config.file "
                          "basic_auth_users, or TLS with client_auth_type: RequireAndVerifyClientCert.");
  }
  // No form of another site's page can send this, though the browser would add the password.
  if (!same_word(request.content_type.substr(0, request.content_type.find(';')), "application/json"))
    return error_response(415, "Send it as Content-Type: application/json.");
  if (request.body.size() > kMostBytes) return error_response(413, "the request body is too large");
  const std::optional<bool> paused = read_paused(request.body);
  if (!paused) return error_response(400, "the body must be {\"paused\": true} or {\"paused\": false}");
  if (!backend.pause(name, *paused)) return error_response(404, "there is no target of this name");
  return target_json(*backend.book().find(name));
}

}  // namespace lookout
