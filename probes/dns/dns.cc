#include "probes/dns/dns.h"

#include <cstdlib>

#include <fmt/format.h>
#include <sys/random.h>

#include "probes/dns/dns_exchange.h"
#include "probes/dns/dns_names.h"
#include "probes/dns/dns_rules.h"
#include "probes/net/http_url.h"

namespace lookout {
namespace {

constexpr std::uint16_t kSoaType = 6;
// Compression lets 64 KiB grow a hundredfold as text.
constexpr std::size_t kMaximumSectionText = 1 << 20;
constexpr std::uint16_t kDnsPort = 53, kDnsOverTlsPort = 853, kHttpsPort = 443;

// Where to ask.
struct DnsServer {
  HostPort where;
  std::string authority, path;  // over HTTPS
};

std::uint16_t random_id() {
  std::uint16_t id = 0;
  if (::getrandom(&id, sizeof id, 0) != static_cast<ssize_t>(sizeof id)) std::abort();
  return id;
}

void state_facts_of_nothing(ProbeRun& run) {
  for (std::string_view phase : {"phase=\"resolve\"", "phase=\"connect\"", "phase=\"request\""}) {
    run.facts.set(kDnsDuration, 0, phase);
  }
  for (const FactFamily* family :
       {&kDnsAnswerRecords, &kDnsAuthorityRecords, &kDnsAdditionalRecords, &kDnsQuerySucceeded}) {
    run.facts.set(*family, 0);
  }
}

bool uses_edns(const DnsConfig& config) { return config.edns_udp_size != 0 || config.dnssec_ok; }

// Whether the configuration says anything that blackbox_exporter would not understand.
bool is_extended(const DnsConfig& config) {
  return uses_edns(config) || config.checking_disabled || config.retry_over_tcp || config.fail_if_truncated ||
         config.fail_if_not_authenticated || config.dns_over_https || config.query_info;
}

Attempt<std::string> make_query(const ProbeRun& run, const DnsConfig& config) {
  const auto type = parse_dns_type(config.query_type);
  if (!type)
    return run.fail(Cause::internal, fmt::format("query_type '{}' is not a record type", config.query_type));
  const auto record_class = parse_dns_class(config.query_class);
  if (!record_class)
    return run.fail(Cause::internal, fmt::format("query_class '{}' is not a class", config.query_class));
  DnsQuestion question{config.query_name, *type, *record_class, config.recursion_desired};
  question.checking_disabled = config.checking_disabled;
  question.authenticated_data = config.fail_if_not_authenticated;
  if (uses_edns(config)) {
    question.edns.emplace().dnssec_ok = config.dnssec_ok;
    if (config.edns_udp_size != 0) question.edns->udp_size = config.edns_udp_size;
  }
  // Caches of HTTP want equal questions to be equal (RFC 8484 section 4.1).
  auto query = build_dns_query(question, config.dns_over_https ? 0 : random_id());
  if (!query)
    return run.fail(Cause::internal, fmt::format("query_name '{}' is not a domain name", config.query_name));
  return std::move(*query);
}

Attempt<DnsServer> server_of(const ProbeRun& run, const DnsConfig& config, const std::string& address) {
  if (!config.dns_over_https)
    return DnsServer{host_and_port(address, config.dns_over_tls ? kDnsOverTlsPort : kDnsPort), {}, {}};
  constexpr std::string_view kDefaultPath = "/dns-query";
  if (address.find("://") == std::string::npos) {
    HostPort where = host_and_port(address, kHttpsPort);
    std::string authority = bracketed(where.host);
    if (where.port != kHttpsPort) authority += fmt::format(":{}", where.port);
    return DnsServer{std::move(where), std::move(authority), std::string(kDefaultPath)};
  }
  const std::optional<HttpUrl> url = parse_url(address);
  if (!url || !url->is_https())
    return run.fail(Cause::internal, "the target is neither a host nor an https URL");
  return DnsServer{
      {url->host, url->port}, url->authority, url->path == "/" ? std::string(kDefaultPath) : url->path};
}

Attempt<DnsTransport> transport_of(const ProbeRun& run, const DnsConfig& config) {
  if (config.dns_over_https) return DnsTransport::https;
  if (config.dns_over_tls && config.transport_protocol != "tcp") {
    return run.fail(Cause::internal, "dns_over_tls needs transport_protocol: tcp");
  }
  if (config.dns_over_tls) return DnsTransport::tls;
  return config.transport_protocol == "tcp" ? DnsTransport::tcp : DnsTransport::udp;
}

// Everything about the exchange but the query. Asked after resolving, as blackbox_exporter does, so that its
// facts are there.
Attempt<DnsExchange> plan_exchange(const ProbeRun& run, const DnsConfig& config, const DnsServer& server,
                                   const IpAddress& address) {
  const Attempt<DnsTransport> transport = transport_of(run, config);
  if (!transport) return transport.error();
  DnsExchange exchange;
  exchange.address = address;
  exchange.port = server.where.port;
  exchange.network = config.network;
  exchange.transport = *transport;
  if (*transport == DnsTransport::tls || *transport == DnsTransport::https) {
    exchange.tls_config = config.tls_config;
    exchange.tls_name =
        config.tls_config.server_name.empty() ? server.where.host : config.tls_config.server_name;
  }
  if (uses_edns(config))
    exchange.largest_udp_answer = config.edns_udp_size != 0 ? config.edns_udp_size : DnsEdns().udp_size;
  exchange.http_authority = server.authority;
  exchange.http_path = server.path;
  return exchange;
}

// With retry_over_tcp, a truncated answer is thrown away.
Task<Attempt<DnsAnswer>> ask(ProbeRun& run, const DnsConfig& config, DnsExchange exchange) {
  Attempt<DnsAnswer> answer = co_await exchange_dns(run, exchange);
  if (answer && is_extended(config)) run.facts.set(kDnsTruncated, answer->truncated ? 1 : 0);
  if (!answer || !answer->truncated || !config.retry_over_tcp) co_return answer;
  run.note("the answer is truncated");
  exchange.transport = DnsTransport::tcp;
  co_return co_await exchange_dns(run, std::move(exchange));
}

void state_query(ProbeRun& run, const DnsConfig& config) {
  run.facts.set(kDnsQueryInfo, 1,
                render_labels({{"query_name", config.query_name},
                               {"query_type", config.query_type.empty() ? "ANY" : config.query_type},
                               {"query_class", config.query_class.empty() ? "IN" : config.query_class}}));
}

void state_facts(ProbeRun& run, const DnsConfig& config, const DnsAnswer& answer) {
  const auto count = [&](DnsSection section) { return static_cast<double>(answer.records(section).size()); };
  run.facts.set(kDnsQuerySucceeded, 1);
  run.facts.set(kDnsAnswerRecords, count(DnsSection::answer));
  run.facts.set(kDnsAuthorityRecords, count(DnsSection::authority));
  run.facts.set(kDnsAdditionalRecords, count(DnsSection::additional));
  run.note(fmt::format("{}{}, records: {} answer, {} authority, {} additional", dns_rcode_name(answer.rcode),
                       answer.truncated ? " (truncated)" : "", count(DnsSection::answer),
                       count(DnsSection::authority), count(DnsSection::additional)));
  if (is_extended(config)) run.facts.set(kDnsAuthenticatedData, answer.authenticated ? 1 : 0);
  if (parse_dns_type(config.query_type) != kSoaType) return;
  run.facts.set(kDnsSerial, 0);
  for (const DnsRecord& record : answer.records(DnsSection::answer)) {
    if (const auto serial = record.serial()) run.facts.set(kDnsSerial, *serial);
  }
}

Cause cause_of_rcode(std::uint16_t rcode) {
  if (rcode == kRcodeNameError) return Cause::not_found;
  return rcode == kRcodeRefused ? Cause::refused : Cause::status;
}

Outcome check_rcode(const ProbeRun& run, const DnsConfig& config, std::uint16_t rcode) {
  const std::vector<std::string> valid = config.valid_rcodes.value_or(std::vector<std::string>{"NOERROR"});
  bool found = false;
  for (const std::string& word : valid) {
    const auto value = parse_dns_rcode(word);
    if (!value)
      return run.fail(Cause::internal, fmt::format("valid_rcodes: '{}' is not a response code", word));
    found = found || *value == rcode;
  }
  if (found) return std::nullopt;
  return run.fail(
      cause_of_rcode(rcode),
      fmt::format("the server answers {}; valid: {}", dns_rcode_name(rcode),
                  valid.empty() ? "none, valid_rcodes is empty" : fmt::format("{}", fmt::join(valid, ", "))));
}

const RecordRules& rules_of(const DnsConfig& config, DnsSection section) {
  switch (section) {
    case DnsSection::answer:
      return config.validate_answer_rrs;
    case DnsSection::authority:
      return config.validate_authority_rrs;
    case DnsSection::additional:
      return config.validate_additional_rrs;
  }
  std::abort();
}

Outcome check_flags(const ProbeRun& run, const DnsConfig& config, const DnsAnswer& answer) {
  if (config.fail_if_truncated && answer.truncated)
    return run.fail(Cause::mismatch, "the answer is truncated");
  if (config.fail_if_not_authenticated && !answer.authenticated)
    return run.fail(Cause::mismatch, "the server has not validated the answer (no AD bit)");
  return std::nullopt;
}

Attempt<std::vector<std::string>> write_records(const ProbeRun& run, const std::vector<DnsRecord>& records) {
  std::vector<std::string> texts;
  std::size_t size = 0;
  for (const DnsRecord& record : records) {
    texts.push_back(record.text());
    size += texts.back().size();
    if (size > kMaximumSectionText) {
      return run.fail(Cause::limit,
                      fmt::format("a section is longer than {} bytes as text", kMaximumSectionText));
    }
  }
  return texts;
}

Outcome check_records(const ProbeRun& run, const DnsConfig& config, const DnsAnswer& answer) {
  for (DnsSection section : kDnsSections) {
    const RecordRules& rules = rules_of(config, section);
    if (!has_rules(rules)) continue;
    const Attempt<std::vector<std::string>> texts = write_records(run, answer.records(section));
    if (!texts) return texts.error();
    if (auto broken = broken_rule(rules, *texts)) {
      return run.fail(Cause::mismatch, fmt::format("{} section: {}", name(section), *broken));
    }
  }
  return std::nullopt;
}

}  // namespace

Task<Outcome> probe_dns(const DnsConfig& config, const Target& target, ProbeRun& run) {
  state_facts_of_nothing(run);
  if (config.query_info) state_query(run, config);
  const Attempt<std::string> query = make_query(run, config);
  if (!query) co_return query.error();
  if (config.transport_protocol != "udp" && config.transport_protocol != "tcp") {
    co_return run.fail(Cause::internal, fmt::format("transport_protocol '{}' is neither udp nor tcp",
                                                    config.transport_protocol));
  }

  const Attempt<DnsServer> server = server_of(run, config, target.address);
  if (!server) co_return server.error();
  Attempt<IpAddress> address = co_await resolve(run, server->where.host, config.network);
  if (!address) co_return address.error();
  if (const Fact* lookup = run.facts.find(kDnsLookupTime))
    run.facts.set(kDnsDuration, lookup->value, "phase=\"resolve\"");

  Attempt<DnsExchange> exchange = plan_exchange(run, config, *server, *address);
  if (!exchange) co_return exchange.error();
  exchange->query = *query;
  Attempt<DnsAnswer> answer = co_await ask(run, config, std::move(*exchange));
  if (!answer) co_return answer.error();

  if (uses_edns(config)) answer->drop_edns();
  state_facts(run, config, *answer);
  if (Outcome failure = check_rcode(run, config, answer->rcode)) co_return failure;
  run.enter(Stage::match);
  if (Outcome failure = check_flags(run, config, *answer)) co_return failure;
  co_return check_records(run, config, *answer);
}

}  // namespace lookout
