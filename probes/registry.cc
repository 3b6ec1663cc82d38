#include "probes/registry.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probes/core/config_schema.h"
#include "probes/core/field_setter.h"
#include "probes/core/text.h"
#include "probes/dns/dns.h"
#include "probes/grpc/grpc.h"
#include "probes/http/http.h"
#include "probes/icmp/icmp.h"
#include "probes/module_schema.h"
#include "probes/parameters.h"
#include "probes/tcp/tcp.h"
#include "probes/udp/udp.h"
#include "probes/unix/unix.h"
#include "probes/websocket/websocket.h"

namespace lookout {
namespace {

template <class Block>
KindConfig read_block(const YamlNode& block, Problems& problems) {
  Block config;
  if (block.kind() != YamlNode::Kind::null) {
    read_value(block, config, problems);
  } else if constexpr (requires { Block::absent(); }) {
    config = Block::absent();
  }
  return config;
}

template <class Block>
void print_block(const KindConfig& config, ConfigPrinter& printer) {
  Block block = std::get<Block>(config);
  printer.fields(block);
  // Where it matters that there is a block, something has to stand in it.
  if constexpr (requires { Block::absent(); }) {
    if (block == Block()) printer.field("ip_protocol_fallback", block.network.ip_protocol_fallback);
  }
}

template <class Block>
bool set_in_block(KindConfig& config, std::span<const std::string_view> path, const std::string& text,
                  Problems& problems) {
  return set_field(std::get<Block>(config), path, text, problems);
}

// Adapts a kind's own signature to the table's. Not a coroutine itself: the configuration outlives the probe.
template <class Block, Task<Outcome> (*probe)(const Block&, const Target&, ProbeRun&)>
Task<Outcome> probe_block(const KindConfig& config, const Target& target, ProbeRun& run) {
  return probe(std::get<Block>(config), target, run);
}

template <class Block, Task<Outcome> (*probe)(const Block&, const Target&, ProbeRun&)>
constexpr ProbeKind row(std::string_view name, std::span<const FactFamily* const> facts) {
  return {name, read_block<Block>, print_block<Block>, set_in_block<Block>, probe_block<Block, probe>, facts};
}

// In the order of KindConfig's alternatives, one line each.
constexpr std::array kKinds{
    row<HttpConfig, probe_http>("http", kHttpFacts),                      //
    row<TcpConfig, probe_tcp>("tcp", kTcpFacts),                          //
    row<DnsConfig, probe_dns>("dns", kDnsFacts),                          //
    row<IcmpConfig, probe_icmp>("icmp", kIcmpFacts),                      //
    row<GrpcConfig, probe_grpc>("grpc", kGrpcFacts),                      //
    row<UnixConfig, probe_unix>("unix", kUnixFacts),                      //
    row<UdpConfig, probe_udp>("udp", kUdpFacts),                          //
    row<WebsocketConfig, probe_websocket>("websocket", kWebsocketFacts),  //
};
static_assert(kKinds.size() == std::variant_size_v<KindConfig>);

// One module while it is read: its own keys, and a block for every kind.
struct ModuleBlocks {
  std::string prober;
  Duration timeout{};
  int retries = 0;
  std::vector<std::string> allow_parameters;
  std::array<KindConfig, kKinds.size()> configs;
};

// A block's place in ModuleBlocks, so that the visitor's tables serve here too.
struct Block {
  const ProbeKind* kind;
  KindConfig* config;
};

bool read_config(const YamlNode& node, Block& block, Problems& problems) {
  if (!expect_kind(node, YamlNode::Kind::mapping, problems)) return false;
  *block.config = block.kind->read(node, problems);
  return true;
}

template <class Visitor>
void describe(Visitor& v, ModuleBlocks& module) {
  v.field("prober", module.prober, "Kind of probe");
  v.field("timeout", module.timeout, "Longest time that a probe may take");
  v.field("retries", module.retries, "Further attempts after one that failed, within the same time");
  v.field("allow_parameters", module.allow_parameters, "URL parameters of /probe that may set a field");
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    Block block{&kKinds[i], &module.configs[i]};
    v.field(kKinds[i].name, block, "Settings of this kind");
  }
}

template <std::size_t... index>
boost::json::object schema_of_block(std::size_t kind, std::index_sequence<index...>) {
  boost::json::object schema;
  ((index == kind ? void(schema = schema_of(std::variant_alternative_t<index, KindConfig>())) : void()), ...);
  return schema;
}

boost::json::object config_schema(const Block& block) {
  return schema_of_block(static_cast<std::size_t>(block.kind - kKinds.data()),
                         std::make_index_sequence<std::variant_size_v<KindConfig>>());
}

std::string kind_names() {
  std::string names;
  for (const ProbeKind& kind : kKinds) names += fmt::format("{}{}", names.empty() ? "" : ", ", kind.name);
  return names;
}

void check_parameters(const ModuleBlocks& module, const ProbeKind& kind, ConfigReader& reader) {
  const std::vector<std::string_view> names = parameter_names();
  for (const std::string& name : module.allow_parameters) {
    if (name == "hostname") {
      reader.problem("allow_parameters", "allow_parameters: hostname is always allowed; remove it");
    } else if (std::ranges::find(names, name) == names.end()) {
      reader.problem("allow_parameters", fmt::format("allow_parameters: {} is none of {}{}", in_quotes(name),
                                                     fmt::join(names, ", "), suggestion(name, names)));
    } else if (!takes_parameter(kind, name)) {
      reader.problem("allow_parameters",
                     fmt::format("allow_parameters: {}: {} has no such setting; remove it", name, kind.name));
    }
  }
}

void validate(const ModuleBlocks& module, ConfigReader& reader) {
  if (module.retries < 0 || module.retries > kMaximumRetries)
    reader.problem("retries", fmt::format("retries: {} is out of range; write 0 (the default) to {}",
                                          module.retries, kMaximumRetries));
  if (const ProbeKind* kind = find_kind(module.prober)) return check_parameters(module, *kind, reader);
  reader.problem("prober", module.prober.empty()
                               ? fmt::format("a module needs a prober; write one of: {}", kind_names())
                               : fmt::format("prober \"{}\" is not known; write one of: {}", module.prober,
                                             kind_names()));
}

std::shared_ptr<const Module> read_module(std::string name, const YamlNode& node, Problems& problems) {
  ModuleBlocks blocks;
  for (std::size_t i = 0; i < kKinds.size(); ++i) blocks.configs[i] = kKinds[i].read(YamlNode(), problems);
  if (node.kind() == YamlNode::Kind::null) {
    problems.add(node.mark(),
                 fmt::format("module \"{}\" is empty; give it a prober, one of: {}", name, kind_names()));
  } else {
    read_value(node, blocks, problems);
  }
  const ProbeKind* kind = find_kind(blocks.prober);
  if (!kind) return nullptr;
  return std::make_shared<Module>(
      Module{std::move(name), blocks.timeout,
             std::move(blocks.configs[static_cast<std::size_t>(kind - kKinds.data())]), blocks.retries,
             std::move(blocks.allow_parameters)});
}

constexpr std::string_view kBuiltInModules = R"(
http_2xx: {prober: http}
http_post_2xx: {prober: http, http: {method: POST}}
tcp_connect: {prober: tcp}
tls_connect: {prober: tcp, tcp: {tls: true}}
icmp: {prober: icmp}
unix_connect: {prober: unix}
websocket: {prober: websocket}
dns_a: {prober: dns, dns: {query_name: example.com, query_type: A}}
dns_tcp: {prober: dns, dns: {query_name: example.com, query_type: A, transport_protocol: tcp}}
grpc: {prober: grpc, grpc: {tls: true}}
grpc_plain: {prober: grpc, grpc: {}}
ssh_banner:
  prober: tcp
  tcp: {query_response: [{expect: '^SSH-2\.0-'}, {send: SSH-2.0-lookout}]}
smtp_starttls:
  prober: tcp
  tcp:
    query_response:
      - {expect: '^220 '}
      - {send: "EHLO lookout\r"}
      - {expect: '^250[- ]STARTTLS'}
      - {send: "STARTTLS\r"}
      - {expect: '^220'}
      - {starttls: true}
      - {send: "EHLO lookout\r"}
      - {expect: '^250'}
      - {send: "QUIT\r"}
imap_starttls:
  prober: tcp
  tcp:
    query_response:
      - {expect: 'OK.*STARTTLS'}
      - {send: ". STARTTLS\r"}
      - {expect: OK}
      - {starttls: true}
      - {send: ". capability\r"}
      - {expect: 'CAPABILITY IMAP4rev1'}
pop3s_banner:
  prober: tcp
  tcp: {tls: true, query_response: [{expect: '^\+OK'}]}
)";

}  // namespace

std::span<const ProbeKind> probe_kinds() { return kKinds; }

const ProbeKind* find_kind(std::string_view name) {
  for (const ProbeKind& kind : kKinds)
    if (kind.name == name) return &kind;
  return nullptr;
}

const ProbeKind& kind_of(const Module& module) { return kKinds[module.config.index()]; }

Modules read_modules(const YamlNode& mapping, Problems& problems) {
  Modules modules;
  if (mapping.kind() == YamlNode::Kind::null || !expect_kind(mapping, YamlNode::Kind::mapping, problems))
    return modules;
  for (const auto& [key, value] : mapping.entries()) {
    if (auto module = read_module(key.scalar(), value, problems))
      modules.emplace(key.scalar(), std::move(module));
  }
  return modules;
}

void print_module(const Module& module, ConfigPrinter& printer) {
  const ProbeKind& kind = kind_of(module);
  std::string prober(kind.name);
  Duration timeout = module.timeout;
  printer.field("prober", prober);
  if (timeout != Duration::zero()) printer.field("timeout", timeout);
  int retries = module.retries;
  if (retries != 0) printer.field("retries", retries);
  std::vector<std::string> allow_parameters = module.allow_parameters;
  printer.field("allow_parameters", allow_parameters);
  printer.block(kind.name, [&](ConfigPrinter& block) { kind.print(module.config, block); });
}

boost::json::object module_schema() {
  boost::json::object module = schema_of(ModuleBlocks());
  boost::json::array names;
  for (const ProbeKind& kind : kKinds) names.emplace_back(kind.name);
  module["required"] = boost::json::array{"prober"};
  module["properties"].as_object()["prober"].as_object()["enum"] = std::move(names);
  return module;
}

Modules built_in_modules() {
  Problems problems("built-in modules");
  auto document = parse_yaml(kBuiltInModules, problems);
  Modules modules = document ? read_modules(*document, problems) : Modules{};
  if (!problems.empty()) throw std::logic_error(describe(problems.sorted().front()));
  return modules;
}

}  // namespace lookout
