// The dns kind: what servers answer, over UDP and over TCP. The names of the cases are those of
// blackbox_exporter's behaviour that a drop-in must have.
#include <gtest/gtest.h>

#include "tests/net/dns_fixture.h"

namespace lookout::test {
namespace {

enum class Server { recursive, authoritative, servfail };

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
// SERVFAIL.
DnsAction answer_as(Server server, const DnsQuestion& question) {
  if (server == Server::servfail) return question.reply().with_rcode(kServfail);
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
      {"recursive_plain", Server::recursive, [](DnsConfig&) {}, "up", {2, 0, 0}},
      {"recursive_valid_rcodes",
       Server::recursive,
       [](DnsConfig& c) { c.valid_rcodes = kBadCodes; },
       "response/status",
       {2, 0, 0}},
      {"recursive_answer_rules",
       Server::recursive,
       [](DnsConfig& c) {
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*7200.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*3600.*")};
       },
       "up",
       {2, 0, 0}},
      {"recursive_authority_matches_nothing",
       Server::recursive,
       [](DnsConfig& c) { c.validate_authority_rrs.fail_if_matches_regexp = {pattern(".*7200.*")}; },
       "up",
       {2, 0, 0}},
      {"recursive_additional_has_nothing",
       Server::recursive,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_not_matches_regexp = {pattern(".*3600.*")}; },
       "match/mismatch",
       {2, 0, 0}},
      {"recursion_off",
       Server::recursive,
       [](DnsConfig& c) { c.recursion_desired = false; },
       "response/refused",
       {0, 0, 0}},
      {"authoritative_plain", Server::authoritative, [](DnsConfig&) {}, "up", {1, 2, 3}},
      {"authoritative_soa",
       Server::authoritative,
       [](DnsConfig& c) { c.query_type = "SOA"; },
       "up",
       {1, 2, 3},
       1,
       1000},
      {"authoritative_class_ch",
       Server::authoritative,
       [](DnsConfig& c) {
         c.query_class = "CH";
         c.query_type = "TXT";
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*IN.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*CH.*")};
       },
       "up",
       {1, 2, 3}},
      {"authoritative_valid_rcodes",
       Server::authoritative,
       [](DnsConfig& c) { c.valid_rcodes = kBadCodes; },
       "response/status",
       {1, 2, 3}},
      {"authoritative_answer_must_and_must_not",
       Server::authoritative,
       [](DnsConfig& c) {
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*3600.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*3600.*")};
       },
       "match/mismatch",
       {1, 2, 3}},
      {"authoritative_answer_other_ttl",
       Server::authoritative,
       [](DnsConfig& c) {
         c.validate_answer_rrs.fail_if_matches_regexp = {pattern(".*7200.*")};
         c.validate_answer_rrs.fail_if_not_matches_regexp = {pattern(".*7200.*")};
       },
       "match/mismatch",
       {1, 2, 3}},
      {"authoritative_authority_not_matches",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_authority_rrs.fail_if_not_matches_regexp = {pattern("ns.*.isp.net")}; },
       "up",
       {1, 2, 3}},
      {"authoritative_additional_not_matches",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_not_matches_regexp = {pattern("^ns.*.isp")}; },
       "up",
       {1, 2, 3}},
      {"authoritative_additional_matches",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_matches_regexp = {pattern("^ns.*.isp")}; },
       "match/mismatch",
       {1, 2, 3}},
      {"authoritative_additional_all_match_inverted",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_all_match_regexp = {pattern(".*127.0.0.*")}; },
       "match/mismatch",
       {1, 2, 3}},
      {"authoritative_all_match_with_all_matching",
       Server::authoritative,
       [](DnsConfig& c) { c.validate_additional_rrs.fail_if_all_match_regexp = {pattern("isp.net")}; },
       "up",
       {1, 2, 3}},
      {"authoritative_additional_none_matches",
       Server::authoritative,
       [](DnsConfig& c) {
         c.validate_additional_rrs.fail_if_none_matches_regexp = {pattern(".*127.0.0.3.*")};
       },
       "match/mismatch",
       {1, 2, 3}},
      {"servfail_plain", Server::servfail, [](DnsConfig&) {}, "response/status", {0, 0, 0}},
      {"servfail_is_valid",
       Server::servfail,
       [](DnsConfig& c) { c.valid_rcodes = kBadCodes; },
       "up",
       {0, 0, 0}},
      {"servfail_soa_has_a_serial_of_zero",
       Server::servfail,
       [](DnsConfig& c) { c.query_type = "SOA"; },
       "response/status",
       {0, 0, 0},
       1,
       0},
      {"unknown_type",
       Server::servfail,
       [](DnsConfig& c) { c.query_type = "NOT_A_TYPE"; },
       "resolve/internal",
       {0, 0, 0},
       0},
      {"unknown_rcode",
       Server::servfail,
       [](DnsConfig& c) { c.valid_rcodes = {{"SERVFAIL", "NOT_A_CODE"}}; },
       "response/internal",
       {0, 0, 0}},
      {"no_rcode_is_valid",
       Server::authoritative,
       [](DnsConfig& c) { c.valid_rcodes.emplace(); },
       "response/status",
       {1, 2, 3}},
      {"block_absent_asks_any_of_the_root",
       Server::servfail,
       [](DnsConfig& c) {
         c.query_name.clear();
         c.query_type = "ANY";
       },
       "response/status",
       {0, 0, 0}},
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

}  // namespace
}  // namespace lookout::test
