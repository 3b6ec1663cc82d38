// What certificate a client of the server must show: client_auth_type, its authorities and its names.
#pragma once

#include "exporter/serve/web_config.h"
#include "probes/net/tls_material.h"

struct ssl_ctx_st;

namespace lookout {

std::optional<Unusable> demand_client_certificate(ssl_ctx_st* context, const WebTls& config);

// Whether one of its alternative names (DNS, e-mail, IP address, URI) is exactly one of these.
bool has_one_of_names(const x509_st* certificate, const std::vector<std::string>& names);

}  // namespace lookout
