#include "probes/net/network_options.h"

#include <cerrno>

#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::uint16_t kDnsPort = 53;

std::string text_of(int error) {
  return boost::system::error_code(error, boost::system::system_category()).message();
}

std::optional<NameServer> parse_name_server(std::string_view text) {
  if (const std::optional<IpAddress> address = parse_ip(text)) return NameServer{{*address, kDnsPort}};
  const std::optional<HostPort> with_port = parse_host_port(text);
  if (!with_port || with_port->port == 0) return std::nullopt;
  const std::optional<IpAddress> address = parse_ip(with_port->host);
  if (!address) return std::nullopt;
  return NameServer{{*address, with_port->port}};
}

}  // namespace

bool read_config(const YamlNode& node, NameServer& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const std::optional<NameServer> server = parse_name_server(text);
  if (server) {
    value = *server;
  } else {
    problems.add(node.mark(),
                 fmt::format("{} is no name server; write its IP address, with a port unless it is "
                             "53, e.g. 10.0.0.53 or \"[2001:db8::53]:5353\"",
                             in_quotes(text)));
  }
  return server.has_value();
}

std::string print_config(const NameServer& value) {
  const std::string address = value.endpoint.address().to_string();
  if (value.endpoint.port() == kDnsPort) return address;
  return fmt::format(fmt::runtime(value.endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"), address,
                     value.endpoint.port());
}

bool read_config(const YamlNode& node, InterfaceName& value, Problems& problems) {
  std::string text;
  if (!read_value(node, text, problems)) return false;
  const bool possible =
      text.size() < IFNAMSIZ && text.find_first_of(std::string_view("/: \t\r\n\0", 7)) == std::string::npos;
  if (possible) {
    value.value = std::move(text);
  } else {
    problems.add(node.mark(),
                 fmt::format("{} cannot be the name of a network interface; write one that `ip link` shows",
                             in_quotes(text)));
  }
  return possible;
}

std::string print_config(const InterfaceName& value) { return value.value; }

Attempt<unsigned> find_interface(const ProbeRun& run, const NetworkOptions& network) {
  const std::string& name = network.source_interface.value;
  if (name.empty()) return 0U;
  if (const unsigned index = ::if_nametoindex(name.c_str())) return index;
  const int error = errno;
  if (error == ENODEV)
    return run.fail(Cause::internal,
                    fmt::format("source_interface: this machine has no interface {}", in_quotes(name)));
  return run.fail(Cause::internal, fmt::format("source_interface {}: {}", in_quotes(name), text_of(error)));
}

Attempt<Egress> find_egress(const ProbeRun& run, const NetworkOptions& network,
                            const IpAddress& destination) {
  Egress egress;
  if (!network.source_ip_address.empty()) {
    egress.address = parse_ip(network.source_ip_address);
    if (!egress.address)
      return run.fail(Cause::internal, fmt::format("source_ip_address {} is no IP address",
                                                   in_quotes(network.source_ip_address)));
    if (egress.address->is_v4() != destination.is_v4())
      return run.fail(
          Cause::internal,
          fmt::format("source_ip_address {} is not of the family of {}; preferred_ip_protocol: {} "
                      "with ip_protocol_fallback: false keeps to its family",
                      network.source_ip_address, destination.to_string(),
                      egress.address->is_v4() ? "ip4" : "ip6"));
  }
  const Attempt<unsigned> interface = find_interface(run, network);
  if (!interface) return interface.error();
  egress.interface = *interface;
  return egress;
}

bool bind_interface(int socket, unsigned interface) {
  return interface == 0 ||
         ::setsockopt(socket, SOL_SOCKET, SO_BINDTOIFINDEX, &interface, sizeof interface) == 0;
}

Outcome bind_egress(const ProbeRun& run, int socket, const Egress& egress) {
  if (!bind_interface(socket, egress.interface)) {
    return run.fail(Cause::internal, fmt::format("cannot use source_interface: {}", text_of(errno)));
  }
  if (!egress.address) return std::nullopt;
  // The port is chosen at connect, so that ports can be shared between destinations.
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const asio::ip::udp::endpoint endpoint(*egress.address, 0);
  if (::bind(socket, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return std::nullopt;
  return run.fail(Cause::internal, fmt::format("cannot use source address {}: {}",
                                               egress.address->to_string(), text_of(errno)));
}

}  // namespace lookout
