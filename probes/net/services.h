// Everything that the probes of one loop share: resolver, TLS contexts, HTTP transfers, ICMP sockets. Created
// with its loop, used only on it, never shared between loops, so nothing in it is locked. Each service is
// created at first use.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace lookout {

struct NameServer;    // probes/net/network_options.h
class Resolver;       // probes/net/resolver.h
class ResolverPool;   // probes/net/resolver_pool.h
class TlsContexts;    // probes/net/tls.h
class HttpTransfers;  // probes/net/http_transfers.h
class IcmpSockets;    // probes/net/icmp_sockets.h

class ProbeServices {
 public:
  explicit ProbeServices(boost::asio::io_context& loop);
  ~ProbeServices();

  boost::asio::io_context& loop() { return loop_; }
  Resolver& resolver();  // asks the system's name servers
  // Asks these instead, through the interface of that index, where it is not 0; unset: the system's.
  std::shared_ptr<Resolver> resolver(const std::optional<std::vector<NameServer>>& servers,
                                     unsigned interface = 0);
  TlsContexts& tls();
  HttpTransfers& http();
  IcmpSockets& icmp();

 private:
  boost::asio::io_context& loop_;
  std::unique_ptr<ResolverPool> resolvers_;
  std::unique_ptr<TlsContexts> tls_;
  std::unique_ptr<HttpTransfers> http_;
  std::unique_ptr<IcmpSockets> icmp_;
};

}  // namespace lookout
