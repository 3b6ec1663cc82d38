#include "probes/net/address.h"

#include <charconv>

#include <fmt/format.h>
#include <netdb.h>

#include "probes/core/text.h"
#include "probes/net/address_policy.h"
#include "probes/net/network_options.h"
#include "probes/net/resolver.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  if (text.empty() || text.size() > 64) return std::nullopt;
  servent entry{};
  servent* found = nullptr;
  std::array<char, 1024> buffer{};
  getservbyname_r(std::string(text).c_str(), "tcp", &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return ntohs(static_cast<std::uint16_t>(found->s_port));
}

IpAddress unmapped(const IpAddress& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address;
}

// States what is known, also when the deadline cuts the lookup.
class LookupFacts {
 public:
  explicit LookupFacts(ProbeRun& run) : run_(run), start_(std::chrono::steady_clock::now()) {
    run_.facts.set(kDnsLookupTime, 0);
    run_.facts.set(kIpProtocol, 0);
    run_.facts.set(kIpAddressHash, 0);
  }
  LookupFacts(const LookupFacts&) = delete;
  LookupFacts& operator=(const LookupFacts&) = delete;
  ~LookupFacts() { run_.facts.set(kDnsLookupTime, seconds(std::chrono::steady_clock::now() - start_)); }

  void found(const IpAddress& address) {
    run_.facts.set(kIpProtocol, address.is_v4() ? 4 : 6);
    run_.facts.set(kIpAddressHash, address_hash(address));
  }

 private:
  ProbeRun& run_;
  SteadyTime start_;
};

// The first of the preferred family; else, as blackbox_exporter has it, the last of the other.
std::optional<IpAddress> choose(const std::vector<IpAddress>& addresses, const NetworkOptions& network) {
  for (const IpAddress& address : addresses) {
    if (address.is_v6() == network.prefers_ip6()) return address;
  }
  if (!network.ip_protocol_fallback || addresses.empty()) return std::nullopt;
  return addresses.back();
}

IpFamily wanted_family(const NetworkOptions& network) {
  if (network.ip_protocol_fallback) return IpFamily::any;
  return network.prefers_ip6() ? IpFamily::ip6 : IpFamily::ip4;
}

struct SplitHostPort {
  std::string_view host, port;
};

std::optional<SplitHostPort> split_host_port(std::string_view text) {
  std::string_view host;
  std::size_t colon = 0;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host = text.substr(1, bracket - 1);
    colon = bracket + 1;
    if (colon >= text.size() || text[colon] != ':') return std::nullopt;
  } else {
    colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    host = text.substr(0, colon);
  }
  if (host.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  const std::string_view port = text.substr(colon + 1);
  if (port.find(':') != std::string_view::npos) return std::nullopt;
  return SplitHostPort{host, port};
}

}  // namespace

std::optional<std::string> host_before_port(std::string_view text) {
  const std::optional<SplitHostPort> split = split_host_port(text);
  return split ? std::optional<std::string>(split->host) : std::nullopt;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::optional<SplitHostPort> split = split_host_port(text);
  const std::optional<std::uint16_t> port = split ? parse_port(split->port) : std::nullopt;
  if (!port) return std::nullopt;
  return HostPort{std::string(split->host), *port};
}

HostPort host_and_port(std::string_view text, std::uint16_t default_port) {
  if (!parse_ip(text)) {
    if (auto with_port = parse_host_port(text)) return std::move(*with_port);
  }
  return {std::string(text), default_port};
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  }
  if (text.empty() || text.size() > 128 || text.find('\0') != std::string_view::npos) return std::nullopt;
  boost::system::error_code error;
  const IpAddress address = asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address;
}

bool is_loopback(std::string_view host) {
  if (lower_case(host) == "localhost") return true;
  const std::optional<IpAddress> address = parse_ip(host);
  return address && address->is_loopback();
}

Task<Attempt<IpAddress>> resolve(ProbeRun& run, std::string host, const NetworkOptions& network) {
  run.enter(Stage::resolve);
  LookupFacts facts(run);
  std::vector<IpAddress> addresses;
  if (const std::optional<IpAddress> literal = parse_ip(host)) {
    addresses.push_back(unmapped(*literal));
  } else if (network.resolvers && network.resolvers->empty()) {
    co_return run.fail(
        Cause::internal,
        fmt::format("{} is a name, and this module's resolvers are none: it probes IP addresses",
                    in_quotes(host)));
  } else {
    const Attempt<unsigned> interface = network.resolvers ? find_interface(run, network) : 0U;
    if (!interface) co_return interface.error();
    const std::shared_ptr<Resolver> resolver = run.services.resolver(network.resolvers, *interface);
    Attempt<std::vector<IpAddress>> found = co_await resolver->lookup(run, host, wanted_family(network));
    if (!found) co_return found.error();
    for (const IpAddress& address : *found) addresses.push_back(unmapped(address));
  }
  const std::optional<IpAddress> address = choose(addresses, network);
  if (!address) {
    co_return run.fail(Cause::not_found,
                       fmt::format("{} has no IPv{} address", host, network.prefers_ip6() ? 6 : 4));
  }
  if (Outcome refused = refuse_unless_allowed(run, *address, host)) co_return *refused;
  facts.found(*address);
  run.note(fmt::format("{} is {}", host, address->to_string()));
  co_return *address;
}

std::uint32_t address_hash(const IpAddress& address) {
  std::uint32_t hash = 2166136261U;
  const auto mix = [&hash](const auto& bytes) {
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 16777619U;
  };
  const IpAddress plain = unmapped(address);
  if (plain.is_v4()) {
    mix(plain.to_v4().to_bytes());
  } else {
    mix(plain.to_v6().to_bytes());
  }
  return hash;
}

}  // namespace lookout
