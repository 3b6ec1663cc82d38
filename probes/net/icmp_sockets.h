// Sending ICMP echo requests and receiving their replies for all probes of one loop, over one socket per
// family: every raw socket of a host gets a copy of every ICMP packet, so a socket per probe would cost the
// square of the probes.
//
// The unprivileged datagram socket is tried first (net.ipv4.ping_group_range), then the raw one
// (CAP_NET_RAW). Round-trip times come from the kernel's receive time stamps, so a busy loop does not
// lengthen them. A reply counts only if it comes from the address asked and carries our identifier, sequence
// and payload; an ICMP error only if it quotes our request.
//
// A socket, and with it the identifier that goes with its echoes, is replaced after a while: firewalls and
// NATs remember an echo by its identifier, also what they made of it during an outage, for as long as it is
// used.
//
// Lives on one loop and is created with its ProbeServices. At most 65536 echoes per family are awaited at a
// time. Replaces neither a retry nor a count of losses. A source address or
// interface for unprivileged IPv6 needs Linux 5.18.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/icmp_packet.h"
#include "probes/net/network_options.h"

namespace lookout {

struct EchoRequest {
  IpAddress destination;
  Egress egress;
  std::size_t payload_size = kDefaultEchoPayload;
  int hop_limit = 0;           // 0: the system's default
  bool dont_fragment = false;  // IPv4 only; the path MTU that the kernel may know is not applied
};

struct EchoReply {
  Duration round_trip{};
  std::optional<int> hop_limit;  // unless the kernel did not tell
};

// What an ICMP error about a request means: limit (too big for the path) or unreachable.
Failure refused_by_network(const ProbeRun& run, const EchoRequest& request, const IcmpError& error);

class AwaitedEcho;
class EchoSocket;

class IcmpSockets {
 public:
  explicit IcmpSockets(asio::io_context& loop, Duration socket_life = std::chrono::minutes(1));
  ~IcmpSockets();
  IcmpSockets(const IcmpSockets&) = delete;
  IcmpSockets& operator=(const IcmpSockets&) = delete;

  // Opens the family's socket unless there is one that is young enough; an older one serves on where no other
  // can be had, and to the end of the echoes that it has under way. Not permitted, no IPv6, no descriptors:
  // internal.
  Outcome open(const ProbeRun& run, IcmpFamily family);

  // Enters Stage::request, then Stage::response; call open() before. Fails with internal (no route, source
  // address not ours), limit (too big for the interface, or for the path) or unreachable; silence ends at the
  // run's deadline.
  Task<Attempt<EchoReply>> exchange(ProbeRun& run, EchoRequest request);

  // The two halves of exchange(), for who awaits several: the socket that is open for a request, and sending
  // one, which fails as exchange() does.
  std::shared_ptr<EchoSocket> socket(const EchoRequest& request);
  Task<Outcome> send(ProbeRun& run, AwaitedEcho& awaited);

  // Whether the family's socket is the raw one. Call open() before.
  bool is_raw(IcmpFamily family) const;

 private:
  std::shared_ptr<EchoSocket>& slot(IcmpFamily family) { return family == IcmpFamily::v4 ? v4_ : v6_; }

  asio::io_context& loop_;
  Duration socket_life_;
  std::shared_ptr<EchoSocket> v4_, v6_;
};

}  // namespace lookout
