// Reading of the dns and icmp blocks.
#include "probes/dns/dns_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/icmp/icmp_config.h"

namespace lookout {
namespace {

using ::testing::HasSubstr;

template <class Config>
Config read(const std::string& text, std::string& problems) {
  Problems found("test.yml");
  Config config;
  if (const auto document = parse_yaml(text, found)) read_value(*document, config, found);
  for (const Problem& problem : found.sorted()) problems += describe(problem) + "\n";
  return config;
}

TEST(DnsConfigReading, defaults_and_every_key) {
  std::string problems;
  const auto small = read<DnsConfig>("query_name: example.com", problems);
  EXPECT_EQ(problems, "");
  EXPECT_EQ(small.query_type, "ANY");
  EXPECT_EQ(small.query_class, "IN");
  EXPECT_TRUE(small.recursion_desired);
  EXPECT_EQ(small.transport_protocol, "udp");
  EXPECT_FALSE(small.valid_rcodes);
  const auto full = read<DnsConfig>(R"(
preferred_ip_protocol: ip4
ip_protocol_fallback: false
source_ip_address: 127.0.0.1
query_name: example.com
query_type: SOA
query_class: CH
recursion_desired: false
transport_protocol: tcp
dns_over_tls: true
tls_config: {insecure_skip_verify: true}
valid_rcodes: [NOERROR, NXDOMAIN]
validate_answer_rrs: {fail_if_matches_regexp: ["a"], fail_if_all_match_regexp: ["b"]}
validate_authority_rrs: {fail_if_not_matches_regexp: ["c"]}
validate_additional_rrs: {fail_if_none_matches_regexp: ["d"]}
)",
                                    problems);
  EXPECT_EQ(problems, "");
  EXPECT_EQ(full.query_type, "SOA");
  EXPECT_FALSE(full.recursion_desired);
  EXPECT_TRUE(full.dns_over_tls);
  ASSERT_TRUE(full.valid_rcodes);
  EXPECT_EQ(full.valid_rcodes->size(), 2);
  EXPECT_EQ(full.validate_answer_rrs.fail_if_all_match_regexp.at(0).pattern(), "b");
  EXPECT_EQ(full.validate_additional_rrs.fail_if_none_matches_regexp.at(0).pattern(), "d");
}

struct Row {
  const char *text, *problem;
};

TEST(DnsConfigReading, what_is_wrong_is_told_with_its_place) {
  constexpr Row kRows[] = {
      {"query_type: A", "query name must be set for DNS module"},
      {"query_name: ''", "test.yml:1:13: query name must be set for DNS module"},
      {"query_name: a\nquery_type: TYPE65", "test.yml:2:13: query type 'TYPE65' is not valid"},
      {"query_name: a\nquery_type: a", "test.yml:2:13: query type 'a' is not valid"},
      {"query_name: a\nquery_class: XX", "test.yml:2:14: query class 'XX' is not valid"},
      {"query_name: a\nvalidate_answer_rrs: {fail_if_matches_regexp: ['(']}", "test.yml:2:"},
      {"query_name: a\nquery_tipe: A", "test.yml:2:"},
      {"query_name: a\nedns_udp_size: 511", "test.yml:2:16: edns_udp_size: 511 is less than"},
      {"query_name: a\nedns_udp_size: 0", "test.yml:2:16: edns_udp_size: 0 is less than"},
      {"query_name: a\nedns_udp_size: 65536", "test.yml:2:16:"},
      {"query_name: a\ndns_over_tls: true\ndns_over_https: true",
       "test.yml:3:17: write dns_over_tls or dns_over_https, not both"},
      {"query_name: a\ntransport_protocol: tcp\nretry_over_tcp: true", "test.yml:3:17: retry_over_tcp:"},
      {"query_name: a\ndns_over_https: true\nretry_over_tcp: true", "test.yml:3:17: retry_over_tcp:"},
  };
  for (const Row& row : kRows) {
    std::string problems;
    read<DnsConfig>(row.text, problems);
    EXPECT_THAT(problems, HasSubstr(row.problem)) << row.text;
  }
}

// A file that blackbox_exporter loads is loaded; what is wrong with it is the probe's to tell.
TEST(DnsConfigReading, what_only_a_probe_finds_wrong_loads) {
  std::string problems;
  const auto config = read<DnsConfig>(
      "query_name: a\ntransport_protocol: sctp\nvalid_rcodes: [WELL]\ndns_over_tls: true\nsource_ip_address: "
      "here",
      problems);
  EXPECT_EQ(problems, "");
  EXPECT_EQ(config.transport_protocol, "sctp");
  const auto none_valid = read<DnsConfig>("query_name: a\nvalid_rcodes: []", problems);
  EXPECT_EQ(problems, "");
  ASSERT_TRUE(none_valid.valid_rcodes);
  EXPECT_TRUE(none_valid.valid_rcodes->empty());
}

TEST(IcmpConfigReading, defaults_and_limits) {
  std::string problems;
  const auto config = read<IcmpConfig>("dont_fragment: true", problems);
  EXPECT_EQ(problems, "");
  EXPECT_EQ(config.ttl, 64);
  EXPECT_EQ(config.payload_size, 0);
  EXPECT_TRUE(config.dont_fragment);
  constexpr Row kRows[] = {
      {"ttl: -1", "test.yml:1:6: \"ttl\" cannot be negative"},
      {"ttl: 256", "test.yml:1:6: \"ttl\" cannot exceed 255"},
      {"payload_size: -1", "test.yml:1:15: \"payload_size\" cannot be negative"},
  };
  for (const Row& row : kRows) {
    problems.clear();
    read<IcmpConfig>(row.text, problems);
    EXPECT_THAT(problems, HasSubstr(row.problem));
  }
  problems.clear();
  EXPECT_EQ(read<IcmpConfig>("{ttl: 0, payload_size: 70000}", problems).payload_size, 70000);
  EXPECT_EQ(problems, "");
}

}  // namespace
}  // namespace lookout
