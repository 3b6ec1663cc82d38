// `http:`, a request to whoever can do something about it: a webhook, a load balancer, a provider's API.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exporter/actions/server_url.h"
#include "probes/net/http_client_config.h"
#include "probes/net/network_options.h"

namespace lookout {

struct HttpAction {
  std::string method = "POST";
  ServerUrl url;
  std::map<std::string, Secret> headers;
  Secret body;
  std::string body_file;
  std::vector<int> valid_status_codes;  // empty: 200 to 299
  int retries = 0;
  Duration timeout = std::chrono::seconds(30);
  NetworkOptions network;
  HttpClientConfig client;
  bool operator==(const HttpAction&) const = default;

  static constexpr int kMaximumRetries = 5;
};

template <class Visitor>
void describe(Visitor& v, HttpAction& action) {
  v.field("method", action.method, "POST unless set");
  v.field("url", action.url, "Where the request goes; no redirect is followed");
  v.field("headers", action.headers, "Request headers; never shown");
  v.field("body", action.body, "Request body; never shown");
  v.field("body_file", action.body_file, "The same from a file, read at each request");
  v.field("valid_status_codes", action.valid_status_codes,
          "Status codes that mean done; 200 to 299 unless set");
  v.field(
      "retries", action.retries,
      "How often it is tried again, at most 5 times and within the timeout: whatever the method, as long as "
      "nothing was sent; GET, HEAD, PUT and DELETE also when no answer came");
  v.field("timeout", action.timeout, "Until the answer is there, with all retries; 30s unless set");
  describe_inline(v, action.network);
  describe_inline(v, action.client);
}
void validate(const HttpAction& action, ConfigReader& reader);

}  // namespace lookout
