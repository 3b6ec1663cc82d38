#include "probes/net/icmp_echo_socket.h"

#include <cerrno>
#include <cstring>

#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/net/icmp_ancillary.h"

namespace lookout {
namespace {

constexpr std::size_t kBatch = 8;
constexpr std::size_t kMaximumPacket = 65536;
constexpr std::size_t kControlSize = 256;
// Between two looks at other work of the loop.
constexpr int kMaximumRounds = 16;
constexpr int kReceiveBuffer = 1 << 20;

template <class T>
T random_value() {
  T value{};
  if (::getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) std::abort();
  return value;
}

bool set_option(int descriptor, int level, int name, int value) {
  return ::setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

// The kernel's stamp is wall time: where that clock was set in between, our steady clock is all there is.
Duration round_trip(const AwaitedEcho& awaited, const std::optional<WallTime>& stamp) {
  const Duration elapsed = std::chrono::steady_clock::now() - awaited.sent;
  if (!stamp) return elapsed;
  const Duration stamped = *stamp - awaited.sent_wall;
  return stamped >= Duration::zero() && stamped <= elapsed ? stamped : elapsed;
}

}  // namespace

AwaitedEcho::AwaitedEcho(std::shared_ptr<EchoSocket> socket, const EchoRequest& wanted, Timer& event)
    : request(wanted), socket_(std::move(socket)), event_(event) {
  echo.payload_size = request.payload_size;
  echo.token = random_value<EchoToken>();
  registered_ = socket_->add(*this);
}

AwaitedEcho::~AwaitedEcho() {
  if (registered_) socket_->remove(*this);
}

std::shared_ptr<EchoSocket> EchoSocket::open(asio::io_context& loop, IcmpFamily family, bool raw) {
  const int domain = family == IcmpFamily::v4 ? AF_INET : AF_INET6;
  const int protocol = family == IcmpFamily::v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  const int type = (raw ? SOCK_RAW : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const int descriptor = ::socket(domain, type, protocol);
  if (descriptor < 0) return nullptr;
  auto socket = std::make_shared<EchoSocket>(loop, family, raw, descriptor);
  if (!socket->set_options()) return nullptr;
  return socket;
}

EchoSocket::EchoSocket(asio::io_context& loop, IcmpFamily family, bool raw, int descriptor)
    : loop_(loop),
      family_(family),
      raw_(raw),
      descriptor_(loop.get_executor(), descriptor),
      identifier_(random_value<std::uint16_t>()),
      next_sequence_(random_value<std::uint16_t>()),
      incoming_(new std::uint8_t[kBatch * kMaximumPacket]) {}

bool EchoSocket::set_options() {
  const int descriptor = descriptor_.native_handle();
  set_option(descriptor, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  if (!set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1)) return false;
  if (raw_) filter_other_packets();
  if (family_ == IcmpFamily::v4) {
    return set_option(descriptor, IPPROTO_IP, IP_RECVTTL, 1) &&
           set_option(descriptor, IPPROTO_IP, IP_RECVERR, 1);
  }
  return set_option(descriptor, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) &&
         set_option(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

// Replies to other programs and other loops would wake this one. Only a saving: what arrives is checked
// again.
void EchoSocket::filter_other_packets() {
  const int descriptor = descriptor_.native_handle();
  const sock_filter accept = BPF_STMT(BPF_RET | BPF_K, 0xffffffff), refuse = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_filter compare = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier_, 0, 1);
  std::vector<sock_filter> program;
  if (family_ == IcmpFamily::v4) {
    icmp_filter all_but_replies{~(1U << ICMP_ECHOREPLY)};
    ::setsockopt(descriptor, SOL_RAW, ICMP_FILTER, &all_but_replies, sizeof all_but_replies);
    program = {BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4), compare, accept,
               refuse};
  } else {
    icmp6_filter all_but_replies;
    ICMP6_FILTER_SETBLOCKALL(&all_but_replies);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &all_but_replies);
    ::setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &all_but_replies, sizeof all_but_replies);
    program = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4), compare, accept, refuse};
  }
  sock_fprog attached{static_cast<unsigned short>(program.size()), program.data()};
  ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached);
}

bool EchoSocket::add(AwaitedEcho& awaited) {
  constexpr std::size_t kSequences = 65536;
  if (awaited_.size() >= kSequences) return false;
  while (!awaited_.try_emplace(next_sequence_, &awaited).second) ++next_sequence_;
  awaited.echo.identifier = identifier_;
  awaited.echo.sequence = next_sequence_++;
  if (!armed_) arm();
  return true;
}

void EchoSocket::remove(AwaitedEcho& awaited) {
  awaited_.erase(awaited.echo.sequence);
  // A wait with nobody behind it would keep the loop alive.
  if (awaited_.empty() && armed_ && descriptor_.is_open()) descriptor_.cancel();
}

// Sending never suspends, so that options of the shared socket may follow each packet's wishes; most wish the
// same.
int EchoSocket::set_packet_options(const EchoRequest& request) {
  const int descriptor = descriptor_.native_handle();
  const int hop_limit = request.hop_limit == 0 ? -1 : request.hop_limit;
  if (hop_limit != hop_limit_) {
    const bool set = family_ == IcmpFamily::v4
                         ? set_option(descriptor, IPPROTO_IP, IP_TTL, hop_limit)
                         : set_option(descriptor, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hop_limit);
    if (!set) return errno;
    hop_limit_ = hop_limit;
  }
  if (family_ == IcmpFamily::v4 && request.dont_fragment != dont_fragment_) {
    const int mode = request.dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_WANT;
    if (!set_option(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, mode)) return errno;
    dont_fragment_ = request.dont_fragment;
  }
  return 0;
}

int EchoSocket::send_once(AwaitedEcho& awaited) {
  sockaddr_storage destination{};
  iovec bytes{outgoing_.data(), outgoing_.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo))] = {};
  msghdr message{};
  message.msg_name = &destination;
  message.msg_namelen = fill_address(awaited.request.destination, destination);
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  const Egress& egress = awaited.request.egress;
  if (egress.address || egress.interface != 0) {
    message.msg_control = control;
    set_egress(message, family_, egress);
  }
  awaited.sent = std::chrono::steady_clock::now();
  awaited.sent_wall = std::chrono::system_clock::now();
  return ::sendmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

int EchoSocket::send(AwaitedEcho& awaited) {
  if (!descriptor_.is_open()) return EBADF;
  if (const int error = set_packet_options(awaited.request)) return error;
  build_echo_request(family_, awaited.echo, outgoing_);
  int error = send_once(awaited);
  // The socket is shared: what it reports may be an ICMP error that answers another packet. Then there is one
  // in its queue, or there was: the kernel queues it first and sets the socket's error afterwards, and
  // another turn may have taken it in between. What remains with an empty queue is this packet's own.
  for (int i = 0, of_nobody = 0; i < kMaximumRounds && error != 0 && error != EAGAIN; ++i) {
    of_nobody = take_errors() || error == EINTR ? 0 : of_nobody + 1;
    if (of_nobody > 1) break;
    error = send_once(awaited);
  }
  return error;
}

Task<> EchoSocket::writable() {
  co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_write, use_task);
}

void EchoSocket::close() {
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

void EchoSocket::arm() {
  if (!descriptor_.is_open()) return;
  armed_ = true;
  descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->armed_ = false;
                           if (!error) self->receive();
                           if (!self->awaited_.empty()) self->arm();
                         });
}

void EchoSocket::receive() {
  struct Slot {
    sockaddr_storage from;
    iovec bytes;
    alignas(cmsghdr) char control[kControlSize];
  };
  Slot slots[kBatch];
  mmsghdr messages[kBatch];
  for (int round = 0; round < kMaximumRounds; ++round) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      slots[i].bytes = {incoming_.get() + i * kMaximumPacket, kMaximumPacket};
      messages[i] = {};
      msghdr& message = messages[i].msg_hdr;
      message.msg_name = &slots[i].from;
      message.msg_namelen = sizeof slots[i].from;
      message.msg_iov = &slots[i].bytes;
      message.msg_iovlen = 1;
      message.msg_control = slots[i].control;
      message.msg_controllen = kControlSize;
    }
    const int count = ::recvmmsg(descriptor_.native_handle(), messages, kBatch, MSG_DONTWAIT, nullptr);
    const int error = count < 0 ? errno : 0;
    if (count < 0) take_errors();
    for (int i = 0; i < count; ++i) {
      const auto* bytes = static_cast<const std::uint8_t*>(slots[i].bytes.iov_base);
      take_message({bytes, messages[i].msg_len}, messages[i].msg_hdr);
    }
    if (error == EAGAIN || (error == 0 && count < static_cast<int>(kBatch))) return;
  }
}

void EchoSocket::take_message(std::span<const std::uint8_t> bytes, msghdr& message) {
  if (raw_ && family_ == IcmpFamily::v4) {
    bytes = strip_ipv4_header(bytes);
    if (bytes.empty() || internet_checksum(bytes) != 0) return;
  }
  const auto from = address_of(message.msg_name, message.msg_namelen);
  if (!from) return;
  AwaitedEcho* awaited = find(parse_echo_reply(family_, bytes), *from);
  if (awaited == nullptr || !payload_matches(awaited->echo, bytes)) return;
  const ReceiveNotes notes = read_notes(message);
  awaited->reply = EchoReply{round_trip(*awaited, notes.stamp), notes.hop_limit};
  awaited->wake();
}

AwaitedEcho* EchoSocket::find(const std::optional<EchoHeader>& header, const IpAddress& destination) const {
  if (!header || (raw_ && header->identifier != identifier_)) return nullptr;
  const auto found = awaited_.find(header->sequence);
  if (found == awaited_.end() || found->second->answered()) return nullptr;
  return same_address(found->second->request.destination, destination) ? found->second : nullptr;
}

// True if there was one that the network sent, which may have failed a call on the socket.
bool EchoSocket::take_errors() {
  bool any = false;
  for (int i = 0; i < kMaximumRounds; ++i) {
    sockaddr_storage destination{};
    iovec bytes{incoming_.get(), kMaximumPacket};
    alignas(cmsghdr) char control[kControlSize];
    msghdr message{};
    message.msg_name = &destination;
    message.msg_namelen = sizeof destination;
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(descriptor_.native_handle(), &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (size < 0) break;
    any = true;
    take_error({incoming_.get(), static_cast<std::size_t>(size)}, message);
  }
  return any;
}

void EchoSocket::take_error(std::span<const std::uint8_t> quoted, msghdr& message) {
  const auto destination = address_of(message.msg_name, message.msg_namelen);
  AwaitedEcho* awaited = destination ? find(parse_quoted_request(family_, quoted), *destination) : nullptr;
  if (awaited == nullptr || !quotation_matches(awaited->echo, quoted)) return;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    const bool told = (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) ||
                      (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR);
    if (!told) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(header), sizeof error);
    if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
    const std::size_t rest = header->cmsg_len - CMSG_LEN(sizeof error);
    const auto offender = address_of(CMSG_DATA(header) + sizeof error, rest);
    awaited->error =
        IcmpError{error.ee_type, error.ee_code, error.ee_info, offender ? offender->to_string() : ""};
    awaited->wake();
    return;
  }
}

}  // namespace lookout
