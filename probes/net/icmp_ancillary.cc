#include "probes/net/icmp_ancillary.h"

#include <cstring>

#include <netinet/in.h>

namespace lookout {
namespace {

template <class Information>
void set_control(msghdr& message, int level, int type, const Information& information) {
  message.msg_controllen = CMSG_SPACE(sizeof information);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof information);
  std::memcpy(CMSG_DATA(header), &information, sizeof information);
}

}  // namespace

std::optional<IpAddress> address_of(const void* address, std::size_t size) {
  if (size < sizeof(sa_family_t)) return std::nullopt;
  sockaddr_storage storage{};
  std::memcpy(&storage, address, std::min(size, sizeof storage));
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (storage.ss_family != AF_INET6) return std::nullopt;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes);
}

bool same_address(const IpAddress& a, const IpAddress& b) {
  if (a.is_v4() != b.is_v4()) return false;
  return a.is_v4() ? a.to_v4() == b.to_v4() : a.to_v6().to_bytes() == b.to_v6().to_bytes();
}

socklen_t fill_address(const IpAddress& address, sockaddr_storage& storage) {
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(address.to_v4().to_uint());
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6.sin6_family = AF_INET6;
  const auto bytes = address.to_v6().to_bytes();
  std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
  v6.sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
  return sizeof v6;
}

void set_egress(msghdr& message, IcmpFamily family, const Egress& egress) {
  if (family == IcmpFamily::v4) {
    in_pktinfo information{};
    information.ipi_ifindex = static_cast<int>(egress.interface);
    if (egress.address) information.ipi_spec_dst.s_addr = htonl(egress.address->to_v4().to_uint());
    set_control(message, IPPROTO_IP, IP_PKTINFO, information);
  } else {
    in6_pktinfo information{};
    information.ipi6_ifindex = egress.interface;
    if (egress.address) {
      const auto bytes = egress.address->to_v6().to_bytes();
      std::memcpy(&information.ipi6_addr, bytes.data(), bytes.size());
    }
    set_control(message, IPPROTO_IPV6, IPV6_PKTINFO, information);
  }
}

ReceiveNotes read_notes(msghdr& message) {
  ReceiveNotes notes;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
      notes.stamp = WallTime(std::chrono::duration_cast<WallTime::duration>(
          std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec)));
    } else if ((header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TTL) ||
               (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_HOPLIMIT)) {
      int value = 0;
      std::memcpy(&value, CMSG_DATA(header), sizeof value);
      notes.hop_limit = value;
    }
  }
  return notes;
}

}  // namespace lookout
