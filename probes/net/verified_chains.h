// All the chains by which a peer's certificate leads to a trusted one. OpenSSL ends at the first that it
// finds; blackbox_exporter tells when the last of them expires, because until then the peer is trusted.
#pragma once

#include <optional>

struct ssl_st;
struct stack_st_X509;

namespace lookout {

// The earliest end of validity among them, as Unix seconds; infinity for none.
double earliest_expiry(const stack_st_X509* certificates);

// Of a finished handshake: the expiry of the verified chain that lasts longest. nullopt: none was verified.
// What a peer can make it do is bounded: it may overlook chains beyond that, and then tells an earlier time.
std::optional<double> last_chain_expiry(const ssl_st* tls);

}  // namespace lookout
