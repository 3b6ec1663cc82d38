// The dns kind: what servers answer, over UDP and over TCP. The names of the cases are those of
// blackbox_exporter's behaviour that a drop-in must have.
#include <set>

#include <gtest/gtest.h>

#include "tests/net/dns_fixture.h"

namespace lookout::test {
namespace {

enum class Server { recursive, authoritative, servfail, nxdomain };

struct Counts {
  double answer, authority, additional;
};

struct Case {
  const char* name;
  Server server;
  std::function<void(DnsConfig&)> change;
  const char* ending;
  Counts counts;
  double succeeded = 1;
  std::optional<double> serial = std::nullopt;
};

// Two addresses to those who want recursion, else REFUSED; one authoritative answer with its neighbours;
// SERVFAIL; NXDOMAIN.
DnsAction answer_as(Server server, const DnsQuestion& question) {
  if (server == Server::servfail) return question.reply().with_rcode(kServfail);
  if (server == Server::nxdomain) return question.reply().with_rcode(kNxdomain);
  if (server == Server::authoritative) return authoritative_reply(question);
  const bool wants_recursion = (question.message[2] & 1) != 0;
  if (!wants_recursion) return question.reply().with_rcode(kRefused);
  return question.reply()
      .with({"example.com", kA, ipv4("127.0.0.1"), 3600})
      .with({"example.com", kA, ipv4("127.0.0.2"), 3600});
}

const std::vector<std::string> kBadCodes{"SERVFAIL", "NXDOMAIN"};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"DNS_001_recursive_plain", Server::recursive, [](DnsConfig&) {}, "up", {2, 0, 0}},
      {"DNS_002_recursive_valid_rcodes",
       Server::recursive,
       [](DnsConfig& c) { c.valid_rcodes = kBadCodes; },
       "response/status",
       {2, 0, 0}},
      {"DNS_003_recursive_answer_rules",
       Server::recursive,
       [](DnsConfig& c) {
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*7200.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*3600.*")};
       },
       "up",
       {2, 0, 0}},
      {"DNS_004_recursive_authority_matches_nothing",
       Server::recursive,
       [](DnsConfig& c) { c.validate_authority_rrs.fail_if_matches_regexp = {pattern(".*7200.*")}; },
       "up",
       {2, 0, 0}},
      {"DNS_005_recursive_additional_has_nothing",
       Server::recursive,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_not_matches_regexp = {pattern(".*3600.*")}; },
       "match/mismatch",
       {2, 0, 0}},
      {"DNS_006_recursion_off",
       Server::recursive,
       [](DnsConfig& c) { c.recursion_desired = false; },
       "response/refused",
       {0, 0, 0}},
      {"DNS_007_authoritative_plain", Server::authoritative, [](DnsConfig&) {}, "up", {1, 2, 3}},
      {"DNS_008_authoritative_soa",
       Server::authoritative,
       [](DnsConfig& c) { c.query_type = "SOA"; },
       "up",
       {1, 2, 3},
       1,
       1000},
      {"DNS_009_authoritative_class_ch",
       Server::authoritative,
       [](DnsConfig& c) {
         c.query_class = "CH";
         c.query_type = "TXT";
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*IN.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*CH.*")};
       },
       "up",
       {1, 2, 3}},
      {"DNS_010_authoritative_valid_rcodes",
       Server::authoritative,
       [](DnsConfig& c) { c.valid_rcodes = kBadCodes; },
       "response/status",
       {1, 2, 3}},
      {"DNS_011_authoritative_answer_must_and_must_not",
       Server::authoritative,
       [](DnsConfig& c) {
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*3600.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*3600.*")};
       },
       "match/mismatch",
       {1, 2, 3}},
      {"DNS_012_authoritative_answer_other_ttl",
       Server::authoritative,
       [](DnsConfig& c) {
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*7200.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*7200.*")};
       },
       "match/mismatch",
       {1, 2, 3}},
      {"DNS_013_authoritative_authority_not_matches",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_authority_rrs.fail_if_not_matches_regexp = {pattern("ns.*.isp.net")}; },
       "up",
       {1, 2, 3}},
      {"DNS_014_authoritative_additional_not_matches",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_not_matches_regexp = {pattern("^ns.*.isp")}; },
       "up",
       {1, 2, 3}},
      {"DNS_015_authoritative_additional_matches",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_matches_regexp = {pattern("^ns.*.isp")}; },
       "match/mismatch",
       {1, 2, 3}},
      {"DNS_016_authoritative_additional_all_match_inverted",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_all_match_regexp = {pattern(".*127.0.0.*")}; },
       "match/mismatch",
       {1, 2, 3}},
      {"OBS_046_authoritative_all_match_with_all_matching",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_all_match_regexp = {pattern("isp.net")}; },
       "up",
       {1, 2, 3}},
      {"DNS_017_authoritative_additional_none_matches",
       Server::authoritative,
       [](DnsConfig& c) {
         c.validate_additional_rrs.fail_if_none_matches_regexp = {pattern(".*127.0.0.3.*")};
       },
       "match/mismatch",
       {1, 2, 3}},
      {"DNS_018_servfail_plain", Server::servfail, [](DnsConfig&) {}, "response/status", {0, 0, 0}},
      {"DNS_019_servfail_is_valid",
       Server::servfail,
       [](DnsConfig& c) { c.valid_rcodes = kBadCodes; },
       "up",
       {0, 0, 0}},
      {"OBS_047_soa_of_a_name_that_does_not_exist",
       Server::nxdomain,
       [](DnsConfig& c) { c.query_type = "SOA"; },
       "response/not_found",
       {0, 0, 0},
       1,
       0},
      {"DNS_020_unknown_type",
       Server::servfail,
       [](DnsConfig& c) { c.query_type = "NOT_A_TYPE"; },
       "resolve/internal",
       {0, 0, 0},
       0},
      {"DNS_021_unknown_rcode",
       Server::servfail,
       [](DnsConfig& c) { c.valid_rcodes = {{"SERVFAIL", "NOT_A_CODE"}}; },
       "response/internal",
       {0, 0, 0}},
      {"OBS_045_no_rcode_is_valid",
       Server::authoritative,
       [](DnsConfig& c) { c.valid_rcodes.emplace(); },
       "response/status",
       {1, 2, 3}},
      {"OBS_048_block_absent_asks_any_of_the_root",
       Server::authoritative,
       [](DnsConfig& c) {
         c.query_name.clear();
         c.query_type = "ANY";
       },
       "up",
       {1, 2, 3}},
  };
  return all;
}

class DnsTest : public ::testing::TestWithParam<std::tuple<std::string, std::size_t>> {};

TEST_P(DnsTest, case_of_the_table) {
  const auto& [transport, index] = GetParam();
  const Case& c = cases()[index];
  ScriptedDns server;
  server.script([&](const DnsQuestion& question) { return answer_as(c.server, question); });
  DnsConfig config = dns_config(transport);
  c.change(config);
  const Conversed result = ask(config, server.port());
  EXPECT_EQ(key_of(result.failure), c.ending) << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_dns_answer_rrs"), c.counts.answer);
  EXPECT_EQ(value_of(result.facts, "probe_dns_authority_rrs"), c.counts.authority);
  EXPECT_EQ(value_of(result.facts, "probe_dns_additional_rrs"), c.counts.additional);
  EXPECT_EQ(value_of(result.facts, "probe_dns_query_succeeded"), c.succeeded);
  const Fact* serial = fact_of(result.facts, "probe_dns_serial");
  EXPECT_EQ(serial != nullptr, c.serial.has_value());
  if (serial != nullptr && c.serial) {
    EXPECT_EQ(serial->value, *c.serial);
  }
  for (const char* phase : {"resolve", "connect", "request"}) {
    EXPECT_GE(value_of(result.facts, "probe_dns_duration_seconds", phase), 0) << phase;
  }
  EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol") != nullptr,
            std::string(c.ending) != "resolve/internal");
}

INSTANTIATE_TEST_SUITE_P(Cases, DnsTest,
                         ::testing::Combine(::testing::Values("udp", "tcp"),
                                            ::testing::Range<std::size_t>(0, cases().size())),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_" + cases()[std::get<1>(info.param)].name;
                         });

class DnsNames : public ::testing::TestWithParam<std::string> {};

TEST_P(DnsNames, DNS_026_metrics_of_every_probe) {
  ScriptedDns server;
  server.script([](const DnsQuestion& question) { return authoritative_reply(question); });
  std::set<std::string> names;
  for (const Fact& fact : ask(dns_config(GetParam()), server.port()).facts)
    names.insert(std::string(fact.family->metric) + "{" + fact.labels + "}");
  EXPECT_EQ(
      names,
      (std::set<std::string>{
          "probe_dns_lookup_time_seconds{}", "probe_ip_protocol{}", "probe_ip_addr_hash{}",
          "probe_dns_duration_seconds{phase=\"resolve\"}", "probe_dns_duration_seconds{phase=\"connect\"}",
          "probe_dns_duration_seconds{phase=\"request\"}", "probe_dns_answer_rrs{}",
          "probe_dns_authority_rrs{}", "probe_dns_additional_rrs{}", "probe_dns_query_succeeded{}"}));
}

INSTANTIATE_TEST_SUITE_P(Transports, DnsNames, ::testing::Values("udp", "tcp"));

// What a module without a `dns:` block asks.
TEST(DnsWithoutBlock, OBS_048_asks_any_of_the_root) {
  std::string asked;
  {
    ScriptedDns server;
    server.script([&asked](const DnsQuestion& question) {
      asked = question.message.substr(2);
      return question.reply();
    });
    DnsConfig config;
    config.ip.preferred = "ip4";
    EXPECT_EQ(key_of(ask(config, server.port()).failure), "up");
  }
  EXPECT_EQ(asked, std::string("\x01\0\0\x01\0\0\0\0\0\0"
                               "\0"
                               "\0\xff\0\x01",
                               15));
}

}  // namespace
}  // namespace lookout::test
