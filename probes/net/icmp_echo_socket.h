// The one ICMP socket of a family and loop: options, sending, receiving, and the echoes that wait for what
// arrives. Part of IcmpSockets (icmp_sockets.h), which turns errno values and ICMP errors into failures;
// nobody else uses it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "probes/net/icmp_sockets.h"

struct msghdr;

namespace lookout {

class EchoSocket;

// One echo under way. Lives in the frame of the coroutine that waits, registered from construction to
// destruction, so that an abandoned wait leaves nothing behind.
class AwaitedEcho {
 public:
  // `event` is cancelled whenever an answer has come; it outlives the echo and may be that of several.
  AwaitedEcho(std::shared_ptr<EchoSocket> socket, const EchoRequest& request, Timer& event);
  ~AwaitedEcho();
  AwaitedEcho(const AwaitedEcho&) = delete;
  AwaitedEcho& operator=(const AwaitedEcho&) = delete;

  bool registered() const { return registered_; }  // false: too many under way
  bool answered() const { return reply.has_value() || error.has_value(); }
  EchoSocket& socket() { return *socket_; }
  void wake() { event_.cancel(); }

  EchoRequest request;
  Echo echo;
  SteadyTime sent;
  WallTime sent_wall;
  std::optional<EchoReply> reply;
  std::optional<IcmpError> error;

 private:
  std::shared_ptr<EchoSocket> socket_;
  Timer& event_;
  bool registered_ = false;
};

class EchoSocket : public std::enable_shared_from_this<EchoSocket> {
 public:
  // nullptr: errno says why.
  static std::shared_ptr<EchoSocket> open(asio::io_context& loop, IcmpFamily family, bool raw);
  EchoSocket(asio::io_context& loop, IcmpFamily family, bool raw, int descriptor);

  bool raw() const { return raw_; }
  IcmpFamily family() const { return family_; }
  asio::io_context& loop() { return loop_; }
  SteadyTime opened() const { return opened_; }

  // Gives the echo its identifier and a free sequence number.
  bool add(AwaitedEcho& awaited);
  void remove(AwaitedEcho& awaited);

  // 0 or an errno value; EAGAIN: wait until writable().
  int send(AwaitedEcho& awaited);
  Task<> writable();

  void close();

 private:
  bool set_options();
  void filter_other_packets();
  int set_packet_options(const EchoRequest& request);
  int send_once(AwaitedEcho& awaited);
  void arm();
  void receive();
  void take_message(std::span<const std::uint8_t> bytes, msghdr& message);
  bool take_errors();
  void take_error(std::span<const std::uint8_t> quoted, msghdr& message);
  AwaitedEcho* find(const std::optional<EchoHeader>& header, const IpAddress& destination) const;

  asio::io_context& loop_;
  IcmpFamily family_;
  bool raw_;
  asio::posix::basic_stream_descriptor<Executor> descriptor_;
  const SteadyTime opened_ = std::chrono::steady_clock::now();
  bool armed_ = false;
  std::uint16_t identifier_ = 0;  // of raw sockets; the kernel writes an unprivileged socket's own
  std::uint16_t next_sequence_ = 0;
  int hop_limit_ = -1;  // as set on the socket, and so for dont_fragment_
  bool dont_fragment_ = false;
  std::unordered_map<std::uint16_t, AwaitedEcho*> awaited_;
  std::vector<std::uint8_t> outgoing_;
  std::unique_ptr<std::uint8_t[]>
      incoming_;  // kBatch packets of the largest size; pages are touched only as needed
};

}  // namespace lookout
