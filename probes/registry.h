// The table of probe kinds: one row each. CONTRIBUTING.md says how to add one.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "probes/core/config_visitor.h"
#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/dns/dns_config.h"
#include "probes/grpc/grpc_config.h"
#include "probes/http/http_config.h"
#include "probes/icmp/icmp_config.h"
#include "probes/tcp/tcp_config.h"
#include "probes/udp/udp_config.h"
#include "probes/unix/unix_config.h"
#include "probes/websocket/websocket_config.h"

namespace lookout {

using KindConfig = std::variant<HttpConfig, TcpConfig, DnsConfig, IcmpConfig, GrpcConfig, UnixConfig,
                                UdpConfig, WebsocketConfig>;

// How to ask: immutable once loaded, shared by all loops.
struct Module {
  std::string name;
  Duration timeout{};  // zero: none of its own
  KindConfig config;
  int retries = 0;                                 // further attempts after one that failed
  std::vector<std::string> allow_parameters = {};  // of a request's URL, that may set a field: parameters.h
};
using Modules = std::map<std::string, std::shared_ptr<const Module>, std::less<>>;

inline constexpr int kMaximumRetries = 10;

struct ProbeKind {
  std::string_view name;  // value of `prober:` and key of the module's block
  // Reads the kind's block (a null node: there is none) and reports what is wrong with it.
  KindConfig (*read)(const YamlNode& block, Problems& problems);
  void (*print)(const KindConfig& config, ConfigPrinter& printer);
  // Sets one field as if the file had it so; false: there is none at this path.
  bool (*set)(KindConfig& config, std::span<const std::string_view> path, const std::string& text,
              Problems& problems);
  Task<Outcome> (*probe)(const KindConfig& config, const Target& target, ProbeRun& run);
  std::span<const FactFamily* const> facts;  // every family that the kind may state
};

std::span<const ProbeKind> probe_kinds();
const ProbeKind* find_kind(std::string_view name);
const ProbeKind& kind_of(const Module& module);

// Reads the mapping `modules:`. Every block of a module is checked, also those of other kinds than its
// prober's.
Modules read_modules(const YamlNode& mapping, Problems& problems);
// The module as it stands under its name in `modules:`, secrets masked.
void print_module(const Module& module, ConfigPrinter& printer);

// Modules for a start without a configuration file: http_2xx, http_post_2xx, tcp_connect, tls_connect, icmp,
// dns_a, ...
Modules built_in_modules();

}  // namespace lookout
