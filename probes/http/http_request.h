// From a module and a URL to the request that goes on the wire: method, headers, Host, body. Pure; what files
// hold is read before (http_authorization.h, oauth2.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "probes/http/http_config.h"
#include "probes/net/http_transfers.h"
#include "probes/net/http_url.h"

namespace lookout {

// One round trip of a probe: where it goes and what it carries.
struct HttpHop {
  HttpUrl url;
  std::string host_header;
  std::string tls_name;  // for SNI and verification
  std::string method;
  bool with_body = true;         // false: the body and the headers that describe it stay away
  bool with_credentials = true;  // false: another host must not see them
  std::string referer;
};

// A header of the module's, whatever its letter case.
const std::string* configured_header(const HttpConfig& config, std::string_view name);

// Where the target leads. HTTP/3 has no plain form, so that https is meant whatever the target says.
std::optional<HttpUrl> target_url(const HttpConfig& config, std::string_view target);

HttpHop first_hop(const HttpConfig& config, const HttpUrl& url, const std::string& hostname);

// Whether this status with a Location asks to go elsewhere.
bool asks_for_redirect(const HttpResponse& response);
// Whether that can be done: a body from a file is not sent a second time, as blackbox_exporter has it.
bool can_redirect(const HttpConfig& config, const HttpResponse& response);

// Where a redirect leads. nullopt: its Location is no URL.
std::optional<HttpHop> next_hop(const HttpHop& hop, const HttpHop& first, const HttpResponse& response);

// What a request carries that is read before it is built.
struct HttpParts {
  std::shared_ptr<const std::string> body;
  std::optional<std::string> authorization;  // the value of the header
  std::string cookies;                       // of the jar, for this hop
  std::vector<HttpHeader> http_headers;
};

// The User-Agent of all requests.
std::string user_agent(const HttpConfig& config);

// Host and target are of the hop.
HttpRequest build_request(const HttpConfig& config, const HttpHop& hop, const HttpParts& parts);

}  // namespace lookout
