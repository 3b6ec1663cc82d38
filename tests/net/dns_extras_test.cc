// What the dns kind does beyond blackbox_exporter, each only where its key asks for it: EDNS, flags, a second
// question over TCP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/dns_fixture.h"

namespace lookout::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint16_t kOpt = 41, kAuthentic = 0x0020;

// A question that a server was asked, after its id.
struct Asked {
  std::string bytes;
  bool tcp = false;
};

class DnsExtras : public ::testing::Test {
 protected:
  Conversed ask_with(const std::function<void(DnsConfig&)>& change,
                     const std::function<DnsAction(const DnsQuestion&)>& answer) {
    ScriptedDns server;
    asked.clear();
    server.script([=, this](const DnsQuestion& question) {
      asked.push_back({question.message.substr(2), question.tcp});
      return answer(question);
    });
    DnsConfig config = dns_config("udp");
    change(config);
    return ask(config, server.port());
  }

  std::vector<Asked> asked;  // by the last server, which is gone
};

DnsAction plainly(const DnsQuestion& question) { return authoritative_reply(question); }
DnsAction authentically(const DnsQuestion& question) {
  DnsReply reply = authoritative_reply(question);
  reply.flags |= kAuthentic;
  return reply;
}
DnsAction truncated_over_udp(const DnsQuestion& question) {
  return question.tcp ? authoritative_reply(question) : question.reply().truncated();
}
// Of about so many bytes.
DnsReply reply_of(const DnsQuestion& question, int hundreds) {
  DnsReply reply = question.reply();
  for (int i = 0; i < hundreds; ++i)
    reply.answers.push_back({"example.com", kTxt, wire_text(std::string(76, 'x')), 1});
  return reply;
}

const std::string kName =
    "\x07"
    "example"
    "\x03"
    "com";
std::string question_bytes(std::uint8_t first, std::uint8_t second, const std::string& edns = {}) {
  const std::string counts("\0\1\0\0\0\0\0", 7);
  return std::string{static_cast<char>(first), static_cast<char>(second)} + counts +
         static_cast<char>(edns.empty() ? 0 : 1) + kName + std::string("\0\0\1\0\1", 5) + edns;
}

TEST_F(DnsExtras, without_a_key_nothing_is_added) {
  const Conversed result = ask_with([](DnsConfig&) {}, authentically);
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(asked.at(0).bytes, question_bytes(1, 0));
  for (const char* metric : {"probe_dns_truncated", "probe_dns_authenticated_data", "probe_dns_query_info"})
    EXPECT_EQ(fact_of(result.facts, metric), nullptr) << metric;
}

TEST_F(DnsExtras, edns_and_flags_on_the_wire) {
  const std::string do_bit("\0\0\x29\x04\xd0\0\0\x80\0\0\0", 11);
  const auto wire = [&](const std::function<void(DnsConfig&)>& change) {
    ask_with(change, authentically);
    return asked.at(0).bytes;
  };
  EXPECT_EQ(wire([](DnsConfig& c) { c.edns_udp_size = 4096; }),
            question_bytes(1, 0, std::string("\0\0\x29\x10\0\0\0\0\0\0\0", 11)));
  EXPECT_EQ(wire([](DnsConfig& c) { c.dnssec_ok = true; }), question_bytes(1, 0, do_bit));
  EXPECT_EQ(wire([](DnsConfig& c) { c.checking_disabled = true; }), question_bytes(1, 0x10));
  EXPECT_EQ(wire([](DnsConfig& c) { c.fail_if_not_authenticated = true; }), question_bytes(1, 0x20));
  EXPECT_EQ(wire([](DnsConfig& c) { c.fail_if_truncated = true; }), question_bytes(1, 0));
}

TEST_F(DnsExtras, larger_answers_come_when_they_were_asked_for) {
  const auto answer = [](const DnsQuestion& question) { return reply_of(question, 9); };
  EXPECT_EQ(key_of(ask_with([](DnsConfig&) {}, answer).failure), "response/protocol");
  const Conversed result = ask_with([](DnsConfig& c) { c.edns_udp_size = 1232; }, answer);
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_dns_answer_rrs"), 9);
  EXPECT_EQ(key_of(ask_with([](DnsConfig& c) { c.edns_udp_size = 700; }, answer).failure),
            "response/protocol");
}

TEST_F(DnsExtras, the_answer_to_edns_is_no_record) {
  const auto answer = [](const DnsQuestion& question) {
    DnsReply reply = authoritative_reply(question);
    reply.additionals.push_back({"", kOpt, "", 0, 1232});
    return reply;
  };
  const Conversed with = ask_with(
      [](DnsConfig& c) {
        c.edns_udp_size = 1232;
        c.validate_additional_rrs.fail_if_not_matches_regexp = {pattern("isp.net")};
      },
      answer);
  EXPECT_EQ(key_of(with.failure), "up") << (with.failure ? with.failure->detail : "");
  EXPECT_EQ(value_of(with.facts, "probe_dns_additional_rrs"), 3);
  const Conversed unasked = ask_with([](DnsConfig&) {}, answer);
  EXPECT_EQ(value_of(unasked.facts, "probe_dns_additional_rrs"), 4) << "as blackbox_exporter counts";
}

TEST_F(DnsExtras, a_truncated_answer_is_asked_for_again_over_tcp) {
  const Conversed result = ask_with([](DnsConfig& c) { c.retry_over_tcp = true; }, truncated_over_udp);
  EXPECT_EQ(key_of(result.failure), "up");
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_FALSE(asked[0].tcp);
  EXPECT_TRUE(asked[1].tcp);
  EXPECT_EQ(asked[0].bytes, asked[1].bytes);
  EXPECT_EQ(value_of(result.facts, "probe_dns_truncated"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_dns_answer_rrs"), 1);
  EXPECT_EQ(names_of(result.stages), "resolve connect request response match");
}

TEST_F(DnsExtras, over_tcp_it_may_fail) {
  const auto answer = [](const DnsQuestion& question) -> DnsAction {
    if (question.tcp) return question.reply().with_rcode(kServfail);
    return question.reply().truncated();
  };
  EXPECT_EQ(key_of(ask_with([](DnsConfig& c) { c.retry_over_tcp = true; }, answer).failure),
            "response/status");
  const auto silent = [](const DnsQuestion& question) -> DnsAction {
    if (question.tcp) return {};
    return question.reply().truncated();
  };
  ScriptedDns server;
  server.script(silent);
  DnsConfig config = dns_config("udp");
  config.retry_over_tcp = true;
  const Conversed result = ask(config, server.port(), std::chrono::milliseconds(300));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_EQ(value_of(result.facts, "probe_dns_query_succeeded"), 0);
  EXPECT_EQ(value_of(result.facts, "probe_dns_truncated"), 1);
  EXPECT_GE(value_of(result.facts, "probe_dns_duration_seconds", "request"), 0.2);
}

TEST_F(DnsExtras, truncation_can_be_a_failure) {
  const auto wanted = [](DnsConfig& c) { c.fail_if_truncated = true; };
  const Conversed result = ask_with(wanted, truncated_over_udp);
  EXPECT_EQ(key_of(result.failure), "match/mismatch");
  EXPECT_EQ(value_of(result.facts, "probe_dns_truncated"), 1);
  const Conversed whole = ask_with(wanted, plainly);
  EXPECT_EQ(key_of(whole.failure), "up");
  EXPECT_EQ(value_of(whole.facts, "probe_dns_truncated"), 0);
  const auto retrying = [](DnsConfig& c) { c.fail_if_truncated = c.retry_over_tcp = true; };
  EXPECT_EQ(key_of(ask_with(retrying, truncated_over_udp).failure), "up");
}

TEST_F(DnsExtras, authentication_can_be_demanded) {
  const auto wanted = [](DnsConfig& c) { c.fail_if_not_authenticated = true; };
  const Conversed without = ask_with(wanted, plainly);
  EXPECT_EQ(key_of(without.failure), "match/mismatch");
  EXPECT_THAT(without.failure->detail, HasSubstr("AD bit"));
  EXPECT_EQ(value_of(without.facts, "probe_dns_authenticated_data"), 0);
  const Conversed with = ask_with(wanted, authentically);
  EXPECT_EQ(key_of(with.failure), "up");
  EXPECT_EQ(value_of(with.facts, "probe_dns_authenticated_data"), 1);
}

TEST_F(DnsExtras, what_was_asked_as_labels) {
  const Conversed result = ask_with(
      [](DnsConfig& c) {
        c.query_info = true;
        c.query_name = "Www.example.com";
      },
      plainly);
  EXPECT_EQ(value_of(result.facts, "probe_dns_query_info",
                     "query_class=\"IN\",query_name=\"Www.example.com\",query_type=\"A\""),
            1);
  EXPECT_EQ(value_of(result.facts, "probe_dns_truncated"), 0);
}

}  // namespace
}  // namespace lookout::test
