// Carries one DNS message to a server and brings its answer back, over UDP, TCP, TLS or HTTPS. A coroutine on
// the loop of the run; enters the stages connect, tls, request and response, and adds its time to
// kDnsDuration whatever the end, a deadline's too.
#pragma once

#include <optional>
#include <string>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/dns/dns_message.h"
#include "probes/net/address.h"
#include "probes/net/tls.h"

namespace lookout {

enum class DnsTransport : std::uint8_t { udp, tcp, tls, https };
std::string_view name(DnsTransport transport);

struct DnsExchange {
  IpAddress address;
  std::uint16_t port = 0;
  std::optional<IpAddress> source;
  DnsTransport transport = DnsTransport::udp;
  TlsConfig tls_config;
  std::string tls_name;  // verified; of tls and https
  std::string query;     // as build_dns_query() makes it
  std::size_t largest_udp_answer = kMaximumUdpAnswer;
  std::string http_authority, http_path;  // of https
};

// On UDP, messages with another id are passed over: they may answer an earlier question. On a stream they are
// a protocol error.
Task<Attempt<DnsAnswer>> exchange_dns(ProbeRun& run, DnsExchange exchange);

}  // namespace lookout
