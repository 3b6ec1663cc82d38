// A network that says no: in a test's own network namespace, answers every TCP or UDP packet to one port of
// 127.0.0.1 with an ICMP error, as a router's filter does. Construct it inside in_network_namespace(); it
// runs in a thread of its own until destroyed.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace lookout::test {

class FilteredPort {
 public:
  // `protocol`: IPPROTO_TCP or IPPROTO_UDP.
  FilteredPort(int protocol, std::uint16_t port);
  FilteredPort(const FilteredPort&) = delete;
  FilteredPort& operator=(const FilteredPort&) = delete;
  ~FilteredPort();

 private:
  void serve();

  std::uint16_t port_;
  int packets_, errors_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace lookout::test
