#include "probes/net/services.h"

#include <csignal>

#include "probes/net/http_transfers.h"
#include "probes/net/icmp_sockets.h"
#include "probes/net/resolver_pool.h"
#include "probes/net/tls.h"

namespace lookout {

ProbeServices::ProbeServices(boost::asio::io_context& loop) : loop_(loop) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL; a peer that hangs up must not end the program.
  std::signal(SIGPIPE, SIG_IGN);
}

ProbeServices::~ProbeServices() = default;

Resolver& ProbeServices::resolver() { return *resolver(std::nullopt); }

std::shared_ptr<Resolver> ProbeServices::resolver(const std::optional<std::vector<NameServer>>& servers,
                                                  unsigned interface) {
  if (!resolvers_) resolvers_ = std::make_unique<ResolverPool>(loop_);
  return resolvers_->get(servers, interface);
}

TlsContexts& ProbeServices::tls() {
  if (!tls_) tls_ = std::make_unique<TlsContexts>();
  return *tls_;
}

HttpTransfers& ProbeServices::http() {
  if (!http_) http_ = std::make_unique<HttpTransfers>(loop_);
  return *http_;
}

IcmpSockets& ProbeServices::icmp() {
  if (!icmp_) icmp_ = std::make_unique<IcmpSockets>(loop_);
  return *icmp_;
}

}  // namespace lookout
