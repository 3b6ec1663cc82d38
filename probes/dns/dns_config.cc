#include "probes/dns/dns_config.h"

#include <fmt/format.h>

#include "probes/dns/dns_message.h"
#include "probes/dns/dns_names.h"

namespace lookout {

// Transport, rcodes and source address are left to the probe: blackbox_exporter loads files that have them
// wrong.
void validate(const DnsConfig& config, ConfigReader& reader) {
  if (config.query_name.empty()) {
    reader.problem("query_name", "query name must be set for DNS module: write query_name: example.com");
  }
  if (!parse_dns_type(config.query_type)) {
    reader.problem("query_type",
                   fmt::format("query type '{}' is not valid: write a record type such as A, AAAA or SOA",
                               config.query_type));
  }
  if (!parse_dns_class(config.query_class)) {
    reader.problem(
        "query_class",
        fmt::format("query class '{}' is not valid: write IN, CS, CH, HS, NONE or ANY", config.query_class));
  }
  if (reader.has("edns_udp_size") && config.edns_udp_size < kMaximumUdpAnswer) {
    reader.problem(
        "edns_udp_size",
        fmt::format(
            "edns_udp_size: {} is less than what every server sends: write a number from {} to 65535; 1232 "
            "is usual",
            config.edns_udp_size, kMaximumUdpAnswer));
  }
  if (config.dns_over_https && config.dns_over_tls) {
    reader.problem("dns_over_https", "write dns_over_tls or dns_over_https, not both");
  }
  if (config.retry_over_tcp && (config.dns_over_https || config.transport_protocol == "tcp")) {
    reader.problem("retry_over_tcp",
                   "retry_over_tcp: only answers over UDP are asked for again; leave it out");
  }
}

}  // namespace lookout
