#include "probes/dns/dns_config.h"

#include <fmt/format.h>

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
}

}  // namespace lookout
