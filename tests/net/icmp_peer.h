// Answers echo requests on the loopback of a test's own network namespace in place of the kernel, by a
// script: late, wrong, as an ICMP error, or never. Construct it inside in_network_namespace(); it runs in a
// thread of its own until destroyed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "probes/net/icmp_packet.h"

namespace lookout::test {

struct SeenRequest {
  std::string source, destination;
  int hop_limit = 0;
  bool dont_fragment = false;
  std::vector<std::uint8_t> message;  // from the ICMP header on
  std::vector<std::uint8_t> packet;   // from the IP header on

  std::vector<std::uint8_t> reply() const;  // as it should be
  std::vector<std::uint8_t> error(std::uint8_t type, std::uint8_t code,
                                  std::uint32_t rest = 0) const;  // quotes the packet
};

struct SentMessage {
  std::vector<std::uint8_t> message;
  std::string source;  // empty: where the request was sent to
};

class IcmpPeer {
 public:
  using Script = std::function<std::vector<SentMessage>(const SeenRequest&)>;
  IcmpPeer(IcmpFamily family, Script script);
  IcmpPeer(const IcmpPeer&) = delete;
  IcmpPeer& operator=(const IcmpPeer&) = delete;
  ~IcmpPeer();

  int requests() const { return requests_; }

 private:
  void serve();
  bool receive(SeenRequest& request);
  void send(const SeenRequest& request, SentMessage message);

  IcmpFamily family_;
  Script script_;
  int socket_;
  std::atomic<int> requests_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace lookout::test
