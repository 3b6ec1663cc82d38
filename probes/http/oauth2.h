// OAuth2 for a client without a user (RFC 6749 section 4.4, RFC 7523 section 2.1): asks token_url for a
// token, anew for each probe.
#pragma once

#include <optional>
#include <string>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/http_client_config.h"
#include "probes/net/network_options.h"

namespace lookout {

struct OAuth2Client {
  const OAuth2& config;
  const NetworkOptions& options;
  std::string user_agent;
};

// The Authorization header's value. Fails as any request does, and with
//   response/status     token_url answered with another status than 2xx
//   response/protocol   its answer holds no token
//   internal            a secret or key that cannot be had
// Client credentials are shown as basic authorization first and, should that not be well, in the form.
// A redirect is not followed.
Task<Attempt<std::string>> fetch_token(ProbeRun& run, OAuth2Client client);

inline constexpr std::size_t kMaximumTokenAnswer = 1024 * 1024;

}  // namespace lookout
