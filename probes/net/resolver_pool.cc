#include "probes/net/resolver_pool.h"

namespace lookout {

std::shared_ptr<Resolver> ResolverPool::get(const std::optional<std::vector<NameServer>>& servers,
                                            unsigned interface) {
  if (!servers) {
    if (!system_) system_ = std::make_shared<Resolver>(loop_);
    return system_;
  }
  std::pair<unsigned, std::vector<asio::ip::udp::endpoint>> key{interface, {}};
  for (const NameServer& server : *servers) key.second.push_back(server.endpoint);
  if (lists_.size() >= kMaximumLists && !lists_.contains(key)) lists_.clear();
  std::shared_ptr<Resolver>& resolver = lists_[key];
  if (!resolver) resolver = std::make_shared<Resolver>(loop_, *servers, interface);
  return resolver;
}

}  // namespace lookout
