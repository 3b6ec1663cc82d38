// blackbox_exporter's `grpc:` block.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "probes/net/address.h"
#include "probes/net/tls.h"

namespace lookout {

struct GrpcConfig {
  IpPreference ip;
  std::string service;
  bool tls = false;
  TlsConfig tls_config;
  std::map<std::string, std::vector<Secret>> metadata;  // credentials, as often as not
  bool operator==(const GrpcConfig&) const = default;

  // A module without the block does not fall back to the other family, as blackbox_exporter has it.
  static GrpcConfig absent() {
    GrpcConfig config;
    config.ip.fallback = false;
    return config;
  }
};

template <class Visitor>
void describe(Visitor& v, GrpcConfig& config) {
  describe_inline(v, config.ip);
  v.field("service", config.service, "Service whose health is asked for; all of the server's unless set");
  v.field("tls", config.tls, "TLS from the first byte");
  v.field("tls_config", config.tls_config, "Settings of TLS");
  v.field("metadata", config.metadata, "Metadata of the call: a list of values for each name");
}

}  // namespace lookout
