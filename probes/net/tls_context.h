// What the contexts of clients and of Lookout's own server have in common.
#pragma once

#include "probes/net/tls.h"
#include "probes/net/tls_material.h"

struct ssl_ctx_st;

namespace lookout {

int version_number(TlsVersion version, int when_unset);  // as OpenSSL has it

Usable<std::string> inline_or_file(const std::string& text, const std::string& path);

// `cert` and `key` of the configuration, or their files, as what this side shows of itself; nothing without.
std::optional<Unusable> use_certificate(ssl_ctx_st* context, const TlsConfig& config);

}  // namespace lookout
