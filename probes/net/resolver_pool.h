// Who is asked for the names of a module: the resolvers of one loop, owned by ProbeServices.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "probes/net/resolver.h"

namespace lookout {

// The system's resolver and one for each list of name servers that modules name, through each interface,
// because each keeps its sockets.
class ResolverPool {
 public:
  explicit ResolverPool(asio::io_context& loop) : loop_(loop) {}
  std::shared_ptr<Resolver> get(const std::optional<std::vector<NameServer>>& servers, unsigned interface);

 private:
  // Beyond this number the lists start anew: configurations come and go with reloads.
  static constexpr std::size_t kMaximumLists = 64;

  asio::io_context& loop_;
  std::shared_ptr<Resolver> system_;
  std::map<std::pair<unsigned, std::vector<asio::ip::udp::endpoint>>, std::shared_ptr<Resolver>> lists_;
};

}  // namespace lookout
