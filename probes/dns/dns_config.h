// blackbox_exporter's `dns:` block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/match/regex.h"
#include "probes/net/address.h"
#include "probes/net/tls.h"

namespace lookout {

struct RecordRules {
  std::vector<Regex> fail_if_matches_regexp;
  std::vector<Regex> fail_if_all_match_regexp;
  std::vector<Regex> fail_if_not_matches_regexp;
  std::vector<Regex> fail_if_none_matches_regexp;
  bool operator==(const RecordRules&) const = default;
};

struct DnsConfig {
  IpPreference ip;
  std::string source_ip_address;
  std::string query_name;
  std::string query_type = "ANY";
  std::string query_class = "IN";
  bool recursion_desired = true;
  std::string transport_protocol = "udp";
  bool dns_over_tls = false;
  TlsConfig tls_config;
  std::optional<std::vector<std::string>> valid_rcodes;  // unset: NOERROR
  RecordRules validate_answer_rrs, validate_authority_rrs, validate_additional_rrs;
  // What blackbox_exporter has not. With none of these the questions, the checks and the facts are its own.
  std::uint16_t edns_udp_size = 0;  // 0: no EDNS, unless DNSSEC wants it
  bool dnssec_ok = false;
  bool checking_disabled = false;
  bool retry_over_tcp = false;
  bool fail_if_truncated = false;
  bool fail_if_not_authenticated = false;
  bool dns_over_https = false;
  bool query_info = false;
  bool operator==(const DnsConfig&) const = default;
};

template <class Visitor>
void describe(Visitor& v, RecordRules& rules) {
  v.field("fail_if_matches_regexp", rules.fail_if_matches_regexp, "Fails if any record matches any of these");
  v.field("fail_if_all_match_regexp", rules.fail_if_all_match_regexp,
          "Fails unless every record matches every one of these, as blackbox_exporter does it in spite of "
          "the name");
  v.field("fail_if_not_matches_regexp", rules.fail_if_not_matches_regexp,
          "Fails if any record misses any of these");
  v.field("fail_if_none_matches_regexp", rules.fail_if_none_matches_regexp,
          "Fails if no record matches any of these");
}

template <class Visitor>
void describe(Visitor& v, DnsConfig& config) {
  describe_inline(v, config.ip);
  v.field("source_ip_address", config.source_ip_address, "Ask from this address");
  v.field("query_name", config.query_name, "Name to ask for");
  v.field("query_type", config.query_type, "Record type, e.g. A");
  v.field("query_class", config.query_class, "IN, CS, CH, HS, NONE or ANY");
  v.field("recursion_desired", config.recursion_desired, "Set the RD bit");
  v.field("transport_protocol", config.transport_protocol, "udp or tcp");
  v.field("dns_over_tls", config.dns_over_tls, "DNS over TLS; needs transport tcp");
  v.field("tls_config", config.tls_config, "Settings of TLS");
  v.field("valid_rcodes", config.valid_rcodes, "Response codes that are well; NOERROR unless set");
  v.field("validate_answer_rrs", config.validate_answer_rrs, "Checks of the answer section");
  v.field("validate_authority_rrs", config.validate_authority_rrs, "Checks of the authority section");
  v.field("validate_additional_rrs", config.validate_additional_rrs, "Checks of the additional section");
  v.field("edns_udp_size", config.edns_udp_size,
          "Ask with EDNS for answers of up to so many bytes over UDP, e.g. 1232");
  v.field("dnssec_ok", config.dnssec_ok, "Ask for the records of DNSSEC (the DO bit); uses EDNS");
  v.field("checking_disabled", config.checking_disabled,
          "Ask a validating server for what it cannot validate, too (the CD bit)");
  v.field("retry_over_tcp", config.retry_over_tcp, "Ask again over TCP when an answer over UDP is truncated");
  v.field("fail_if_truncated", config.fail_if_truncated,
          "Fails if the answer is truncated (with retry_over_tcp: the one over TCP)");
  v.field("fail_if_not_authenticated", config.fail_if_not_authenticated,
          "Fails unless the server says that it has validated the answer (the AD bit)");
  v.field("dns_over_https", config.dns_over_https,
          "DNS over HTTPS; the target is a host or an https URL, whose path is /dns-query by default");
  v.field("query_info", config.query_info, "Tell what was asked, as labels of probe_dns_query_info");
}
void validate(const DnsConfig& config, ConfigReader& reader);

}  // namespace lookout
