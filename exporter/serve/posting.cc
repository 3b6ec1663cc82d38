#include "exporter/serve/posting.h"

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {

std::optional<Response> refused_posting(const Request& request, std::string_view doing,
                                        std::size_t most_bytes) {
  if (request.method != "POST") {
    Response response = error_response(405, fmt::format("{} is asked for with POST.", doing));
    response.headers.emplace_back("Allow", "POST");
    return response;
  }
  if (!request.authenticated) {
    return error_response(
        403, fmt::format("{} is for those who have shown who they are: give --web.config.file "
                         "basic_auth_users, or TLS with client_auth_type: RequireAndVerifyClientCert.",
                         doing));
  }
  // No form of another site's page can send this, though the browser would add the password.
  if (!same_word(request.content_type.substr(0, request.content_type.find(';')), "application/json"))
    return error_response(415, "Send it as Content-Type: application/json.");
  if (request.body.size() > most_bytes) return error_response(413, "the request body is too large");
  return std::nullopt;
}

}  // namespace lookout
