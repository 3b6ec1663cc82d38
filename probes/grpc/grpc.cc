#include "probes/grpc/grpc.h"

#include <algorithm>

#include <fmt/format.h>

#include "probes/core/base64.h"
#include "probes/core/text.h"
#include "probes/grpc/grpc_call.h"
#include "probes/grpc/grpc_health.h"
#include "probes/net/dial.h"
#include "probes/net/http_url.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

// More than servers take; the HTTP/2 library sends no more than 64 KiB of head.
constexpr std::size_t kMaximumMetadata = 32 * 1024;
constexpr std::uint16_t kPort = 80, kTlsPort = 443;
constexpr std::string_view kPath = "/grpc.health.v1.Health/Check";

using Metadata = std::vector<std::pair<std::string, std::string>>;
using TlsContext = std::shared_ptr<ssl_ctx_st>;

// States the facts of a call from its beginning on. What stands there when the deadline cuts it is what gRPC
// has for that.
class CallFacts {
 public:
  explicit CallFacts(ProbeRun& run) : run_(run), start_(std::chrono::steady_clock::now()) {
    for (std::string_view status : kServingStatuses) tell(status, 0);
    ended(GrpcCode::deadline_exceeded);
  }
  CallFacts(const CallFacts&) = delete;
  CallFacts& operator=(const CallFacts&) = delete;
  ~CallFacts() {
    run_.facts.set(kGrpcDuration, seconds(std::chrono::steady_clock::now() - start_), "phase=\"check\"");
  }

  void ended(GrpcCode code) { run_.facts.set(kGrpcStatusCode, static_cast<double>(code)); }
  void tell(std::string_view status, double value) {
    run_.facts.set(kGrpcHealthResponse, value, render_labels({{"serving_status", status}}));
  }

 private:
  ProbeRun& run_;
  SteadyTime start_;
};

std::optional<HostPort> server_of(const GrpcConfig& config, std::string_view address) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (lower_case(address.substr(0, scheme.size())) == scheme) address.remove_prefix(scheme.size());
  }
  address = address.substr(0, address.find_first_of("/?#"));
  address.remove_prefix(address.rfind('@') + 1);  // npos + 1 is 0
  HostPort server = host_and_port(address, config.tls ? kTlsPort : kPort);
  const bool named = !server.host.empty() && std::ranges::none_of(server.host, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
  });
  return named ? std::optional(std::move(server)) : std::nullopt;
}

bool is_name(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos;
}

// The protocol's own fields, which metadata cannot replace.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 8> kReserved{
      "content-type", "user-agent",  "grpc-message-type", "grpc-encoding",
      "grpc-message", "grpc-status", "grpc-timeout",      "te"};
  return std::ranges::find(kReserved, name) != kReserved.end();
}

std::string without_padding(std::string text) {
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

Attempt<Metadata> metadata_of(const ProbeRun& run, const GrpcConfig& config) {
  Metadata metadata;
  std::size_t size = 0;
  for (const auto& [key, values] : config.metadata) {
    const std::string name = lower_case(key);
    if (!is_name(name)) {
      return run.fail(
          Cause::internal,
          fmt::format("metadata: {} is no name: it takes letters, digits and - _ .", in_quotes(key)));
    }
    if (is_reserved(name)) continue;
    for (const Secret& value : values) {
      const bool binary = name.ends_with("-bin");
      if (!binary && std::ranges::any_of(value.value, [](char c) { return c < ' ' || c > '~'; })) {
        return run.fail(
            Cause::internal,
            fmt::format("metadata: the value of {} is no printable ASCII text; a name that ends in "
                        "-bin would carry it",
                        name));
      }
      size += name.size() + value.value.size();
      if (size > kMaximumMetadata) {
        return run.fail(Cause::internal, fmt::format("metadata: more than {} bytes", kMaximumMetadata));
      }
      metadata.emplace_back(name, binary ? without_padding(base64(value.value)) : value.value);
    }
  }
  return metadata;
}

// An unreadable file fails plain targets, too, and before anything else, as in blackbox_exporter.
Attempt<TlsContext> load_tls(const ProbeRun& run, const GrpcConfig& config) {
  if (!config.tls && config.tls_config == TlsConfig()) return TlsContext();
  return run.services.tls().get(run, config.tls_config, {"h2"});
}

constexpr TlsFacts kTlsFacts{.chain_expiry = false};

// One probe after its address is known.
class HealthCheck {
 public:
  HealthCheck(const GrpcConfig& config, HostPort server, IpAddress address, ProbeRun& run)
      : config_(config), server_(std::move(server)), address_(std::move(address)), run_(run), facts_(run) {}

  Task<Outcome> ask(std::string tls_name, TlsContext context);

 private:
  Task<Attempt<Stream>> connect(const std::string& tls_name, TlsContext context);
  Outcome judge(GrpcEnding ending, ssl_st* tls);

  const GrpcConfig& config_;
  const HostPort server_;
  const IpAddress address_;
  ProbeRun& run_;
  CallFacts facts_;
};

Task<Attempt<Stream>> HealthCheck::connect(const std::string& tls_name, TlsContext context) {
  Attempt<Stream> stream =
      co_await dial(run_, asio::ip::tcp::endpoint(address_, server_.port), config_.network);
  if (!stream || !config_.tls) co_return stream;
  if (Outcome failure = co_await stream->start_tls(run_, std::move(context), tls_name, kTlsFacts))
    co_return *failure;
  if (stream->alpn() != "h2")
    co_return run_.fail(Cause::protocol, "the server does not offer HTTP/2 (by ALPN, h2)");
  co_return stream;
}

Task<Outcome> HealthCheck::ask(std::string tls_name, TlsContext context) {
  Attempt<Metadata> metadata = metadata_of(run_, config_);
  if (!metadata) {
    facts_.ended(GrpcCode::internal);
    co_return metadata.error();
  }
  Attempt<Stream> stream = co_await connect(tls_name, std::move(context));
  if (!stream) {
    facts_.ended(GrpcCode::unavailable);
    co_return stream.error();
  }
  std::string authority =
      config_.tls ? std::move(tls_name) : fmt::format("{}:{}", bracketed(server_.host), server_.port);
  GrpcCall call{std::string(kPath), config_.tls ? "https" : "http", std::move(authority),
                std::move(*metadata), health_request(config_.service)};
  GrpcEnding ending = co_await call_grpc(run_, *stream, std::move(call));
  co_return judge(std::move(ending), stream->tls());
}

Outcome HealthCheck::judge(GrpcEnding ending, ssl_st* tls) {
  std::optional<std::uint64_t> health;
  if (ending.code == GrpcCode::ok) {
    health = parse_health_response(ending.message);
    if (!health) ending = {GrpcCode::internal, Cause::protocol, "the response is no HealthCheckResponse", {}};
  }
  facts_.ended(ending.code);
  if (!health) return run_.fail(ending.cause, std::move(ending.detail));
  if (tls != nullptr) {
    run_.facts.set(kGrpcSsl, 1);
    state_tls_facts(run_, tls, kTlsFacts);
  }
  const std::string name = *health < kServingStatuses.size() ? std::string(kServingStatuses[*health])
                                                             : fmt::format("number {}", *health);
  if (*health < kServingStatuses.size()) facts_.tell(name, 1);
  run_.note(fmt::format("health of {}: {}",
                        config_.service.empty() ? "the server" : in_quotes(config_.service), name));
  if (*health == kServing) return std::nullopt;
  return run_.fail(Cause::status, fmt::format("the health is {}", name));
}

}  // namespace

Task<Outcome> probe_grpc(const GrpcConfig& config, const Target& target, ProbeRun& run) {
  run.facts.set(kGrpcDuration, 0, "phase=\"resolve\"");
  run.facts.set(kGrpcSsl, 0);
  run.facts.set(kGrpcStatusCode, 0);
  std::optional<HostPort> server = server_of(config, target.address);
  if (!server)
    co_return run.fail(Cause::internal, fmt::format("{} is not of the form host[:port]",
                                                    in_quotes(mask_url_password(target.address))));
  const Attempt<TlsContext> context = load_tls(run, config);
  if (!context) co_return context.error();

  const Attempt<IpAddress> address = co_await resolve(run, server->host, config.network);
  if (!address) co_return address.error();
  if (const Fact* lookup = run.facts.find(kDnsLookupTime))
    run.facts.set(kGrpcDuration, lookup->value, "phase=\"resolve\"");

  std::string tls_name = config.tls_config.server_name;
  if (tls_name.empty()) tls_name = target.hostname.empty() ? server->host : target.hostname;
  HealthCheck check(config, std::move(*server), *address, run);
  co_return co_await check.ask(std::move(tls_name), *context);
}

}  // namespace lookout
