// Names to addresses with c-ares on the loop: no thread per lookup, no system resolver. One per loop, owned
// by ProbeServices and used only on that loop.
//
// /etc/hosts is read at each lookup, /etc/resolv.conf again when it changed (looked at once a second at
// most). Modules of nsswitch.conf (mdns, ldap, ...) are deliberately not consulted, and nothing is cached: a
// probe asks for real. A resolver with name servers of its own asks them for the very name, and reads neither
// file: what it finds is what they say. Only localhost is known without asking.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "probes/net/address.h"
#include "probes/net/file_state.h"
#include "probes/net/network_options.h"

namespace lookout {

enum class IpFamily { any, ip4, ip6 };

// How long one name server is waited for. The wait doubles with each round over the servers.
struct ResolverPatience {
  Duration first_wait = std::chrono::seconds(1);
  int rounds = 3;
};

class Resolver {
 public:
  explicit Resolver(asio::io_context& loop);
  Resolver(asio::io_context& loop, const std::vector<NameServer>& servers, unsigned interface = 0);
  ~Resolver();

  // Asks these name servers, UDP and TCP, instead of those of resolv.conf. Lookups under way are not
  // disturbed.
  void set_servers(std::vector<asio::ip::udp::endpoint> servers, ResolverPatience patience = {});

  // At least one address, in the order of the answer; of the families A and AAAA are asked at the same time.
  // `host` is a name, never an IP literal (c-ares 1.18 would send some literals to the name servers). Fails
  // in the stage of the run: not_found (NXDOMAIN, or no address of the family), protocol (the name servers
  // answered, but with SERVFAIL, REFUSED, nonsense or not at all on their port), timeout, internal (no
  // descriptor, no route to any name server).
  Task<Attempt<std::vector<IpAddress>>> lookup(ProbeRun& run, std::string host, IpFamily family);

 private:
  class Channel;
  struct Query;

  std::shared_ptr<Channel> current_channel();
  static Failure explain(const ProbeRun& run, const Query& query, const std::string& host, IpFamily family);

  asio::io_context& loop_;
  std::optional<std::string> servers_;  // as c-ares takes them; nullopt: those of resolv.conf
  bool servers_only_ = false;           // no hosts file, no search domains
  unsigned interface_ = 0;              // its index; 0: as the routes say
  ResolverPatience patience_;
  std::shared_ptr<Channel> channel_;
  FileState resolver_file_;
  SteadyTime looked_at_{};
};

}  // namespace lookout
