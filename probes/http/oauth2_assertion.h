// The assertion that a client shows for a token (RFC 7523): a JSON Web Token, signed with the client's RSA
// key.
#pragma once

#include <string>
#include <string_view>

#include "probes/core/clock.h"
#include "probes/net/http_client_config.h"
#include "probes/net/tls_material.h"

namespace lookout {

// Valid from `now` for ten minutes. Unusable: the key is no RSA key in PEM form.
Usable<std::string> make_assertion(const OAuth2& config, const std::string& key_pem, WallTime now);

}  // namespace lookout
