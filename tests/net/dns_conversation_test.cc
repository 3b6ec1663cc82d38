// The dns kind in conversation: every way in which a server or a setting can be wrong, by stage and cause.
#include <atomic>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/dns_fixture.h"
#include "tests/support/patience.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using ::testing::HasSubstr;

class DnsBothTest : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Transports, DnsBothTest, ::testing::Values("udp", "tcp"));

TEST_P(DnsBothTest, codes_have_causes) {
  struct Row {
    int rcode;
    const char *ending, *name;
  };
  for (const Row& row :
       {Row{kNxdomain, "response/not_found", "NXDOMAIN"}, Row{kRefused, "response/refused", "REFUSED"},
        Row{kServfail, "response/status", "SERVFAIL"}, Row{kNotimp, "response/status", "NOTIMP"},
        Row{14, "response/status", "RCODE 14"}}) {
    ScriptedDns server;
    server.script([&](const DnsQuestion& question) { return question.reply().with_rcode(row.rcode); });
    const Conversed result = ask(dns_config(GetParam()), server.port());
    EXPECT_EQ(key_of(result.failure), row.ending);
    ASSERT_TRUE(result.failure);
    EXPECT_THAT(result.failure->detail, HasSubstr(row.name));
    EXPECT_EQ(value_of(result.facts, "probe_dns_query_succeeded"), 1);
  }
}

TEST_P(DnsBothTest, the_question_is_the_configured_one) {
  ScriptedDns server;
  std::mutex mutex;  // the server has its own thread
  DnsQuestion last;
  server.script([&](const DnsQuestion& question) {
    const std::lock_guard lock(mutex);
    last = question;
    return question.reply();
  });
  const auto question_to = [&](const DnsConfig& config) {
    EXPECT_EQ(key_of(ask(config, server.port()).failure), "up");
    const std::lock_guard lock(mutex);
    return last;
  };
  DnsConfig config = dns_config(GetParam());
  config.query_name = "Www.Example.com";
  config.query_type = "HTTPS";
  config.query_class = "CH";
  const DnsQuestion seen = question_to(config);
  EXPECT_EQ(seen.name, "www.example.com");
  EXPECT_EQ(seen.type, 65);
  EXPECT_EQ(seen.question_class, 3);
  EXPECT_EQ(seen.tcp, GetParam() == "tcp");
  EXPECT_EQ(seen.message.substr(2, 10), std::string("\x01\0\0\x01\0\0\0\0\0\0", 10))
      << "RD, one question, no EDNS";
  const std::string first_id = seen.message.substr(0, 2);
  int same = 0;
  for (int i = 0; i < 8; ++i) same += question_to(config).message.substr(0, 2) == first_id;
  EXPECT_LT(same, 3) << "ids are random";
}

TEST_P(DnsBothTest, OBS_041_and_OBS_044_truncation_and_a_missing_question_do_not_matter) {
  ScriptedDns server;
  server.script([](const DnsQuestion& question) {
    DnsReply reply = authoritative_reply(question).truncated();
    reply.question.clear();
    return reply;
  });
  DnsConfig config = dns_config(GetParam());
  const Conversed result = ask(config, server.port());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_dns_answer_rrs"), 1);
}

TEST_P(DnsBothTest, OBS_043_what_is_no_answer_is_a_protocol_error) {
  struct Row {
    const char* name;
    std::function<std::string(const DnsQuestion&)> message;
  };
  const Row rows[] = {
      {"three bytes", [](const DnsQuestion& q) { return q.message.substr(0, 3); }},
      {"the question itself", [](const DnsQuestion& q) { return q.message; }},
      {"half a record",
       [](const DnsQuestion& q) {
         const std::string whole = authoritative_reply(q).bytes();
         return whole.substr(0, whole.size() - 3);
       }},
      {"garbage after the id",
       [](const DnsQuestion& q) { return q.message.substr(0, 2) + std::string(60, '\xff'); }},
  };
  for (const Row& row : rows) {
    ScriptedDns server;
    server.script([&](const DnsQuestion& question) {
      DnsAction action;
      action.messages = {row.message(question)};
      return action;
    });
    const Conversed result = ask(dns_config(GetParam()), server.port());
    EXPECT_EQ(key_of(result.failure), "response/protocol") << row.name;
    EXPECT_EQ(value_of(result.facts, "probe_dns_query_succeeded"), 0) << row.name;
  }
}

TEST_P(DnsBothTest, silence_ends_at_the_deadline_with_times_of_what_was_before) {
  ScriptedDns server;
  server.script([](const DnsQuestion&) { return DnsAction(); });
  const Conversed result = ask(dns_config(GetParam()), server.port(), milliseconds(150));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_EQ(names_of(result.stages), "resolve connect request response");
  EXPECT_GE(value_of(result.facts, "probe_dns_duration_seconds", "request"), 0.1);
  EXPECT_LT(value_of(result.facts, "probe_dns_duration_seconds", "connect"), 0.1 * kPatience);
  EXPECT_EQ(value_of(result.facts, "probe_dns_query_succeeded"), 0);
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4);
  EXPECT_LT(result.duration, milliseconds(1000) * kPatience);
}

TEST_P(DnsBothTest, OBS_049_a_bad_transport_fails_before_resolving_and_a_bad_source_after) {
  DnsConfig config = dns_config("sctp");
  Conversed result = ask(config, 53);
  EXPECT_EQ(key_of(result.failure), "resolve/internal");
  EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol"), nullptr);
  EXPECT_EQ(value_of(result.facts, "probe_dns_query_succeeded"), 0);

  config = dns_config(GetParam());
  for (const char* source : {"here", "::1"}) {
    config.network.source_ip_address = source;
    result = ask(config, 53);
    EXPECT_EQ(key_of(result.failure), "connect/internal") << source;
    EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4);
  }
  config.network.source_ip_address = "192.0.2.1";
  EXPECT_EQ(key_of(ask(config, 53).failure), "connect/internal");
  config.network.source_ip_address.clear();
  config.query_name = "a..b";
  EXPECT_EQ(key_of(ask(config, 53).failure), "resolve/internal");
}

TEST_P(DnsBothTest, names_of_servers_are_resolved) {
  ScriptedDns server;
  server.add("ns.test", kA, ipv4("127.0.0.1"));
  server.script([&](const DnsQuestion& question) {
    return question.name == "example.com" ? DnsAction(question.reply()) : server.from_records(question);
  });
  const auto prepare = name_server(server.port());
  DnsConfig config = dns_config(GetParam());
  const std::string port = ":" + std::to_string(server.port());
  EXPECT_EQ(key_of(ask(config, "ns.test" + port, milliseconds(3000), prepare).failure), "up");
  const Conversed missing = ask(config, "missing.test" + port, milliseconds(3000), prepare);
  EXPECT_EQ(key_of(missing.failure), "resolve/not_found");
  EXPECT_EQ(value_of(missing.facts, "probe_dns_duration_seconds", "resolve"), 0);
  EXPECT_EQ(value_of(missing.facts, "probe_ip_protocol"), 0);
}

TEST(DnsResolve, every_way_of_failing) {
  ScriptedDns server;
  server.script([](const DnsQuestion& question) {
    if (question.name == "silent.test") return DnsAction();
    return DnsAction(question.reply().with_rcode(kServfail));
  });
  const auto prepare = name_server(server.port());
  EXPECT_EQ(key_of(ask(dns_config(), "broken.test", milliseconds(3000), prepare).failure),
            "resolve/protocol");
  EXPECT_EQ(key_of(ask(dns_config(), "silent.test", milliseconds(100), prepare).failure), "resolve/timeout");
  DnsConfig config = dns_config();
  config.network = {"ip6", false};
  EXPECT_EQ(key_of(ask(config, "127.0.0.1").failure), "resolve/not_found");
}

TEST(DnsOverUdp, a_port_where_nobody_listens_refuses) {
  ClosedPort port;
  const Conversed result = ask(dns_config("udp"), port.port());
  EXPECT_EQ(key_of(result.failure), "response/refused");
  ASSERT_TRUE(result.failure);
  EXPECT_THAT(result.failure->detail, HasSubstr("port unreachable"));
}

TEST(DnsOverUdp, OBS_042_messages_with_other_ids_are_passed_over) {
  ScriptedDns server;
  server.script([](const DnsQuestion& question) {
    DnsAction action;
    const auto wrong = static_cast<std::uint16_t>(question.reply().id + 1);
    action.messages = {question.reply().with_id(wrong).with_rcode(kServfail).bytes(), "\xff\xff garbage"};
    if (question.number > 0) action.messages.push_back(question.reply().bytes());
    return action;
  });
  const Conversed alone = ask(dns_config("udp"), server.port(), milliseconds(150));
  EXPECT_EQ(key_of(alone.failure), "response/timeout");
  EXPECT_EQ(value_of(alone.facts, "probe_dns_query_succeeded"), 0);
  EXPECT_EQ(key_of(ask(dns_config("udp"), server.port()).failure), "up");
}

TEST(DnsOverUdp, more_than_512_bytes_were_not_asked_for) {
  ScriptedDns server;
  std::atomic<int> records = 0;
  server.script([&](const DnsQuestion& question) {
    DnsReply reply = question.reply();
    for (int i = 0; i < records; ++i)
      reply.answers.push_back({"example.com", kTxt, wire_text(std::string(60, 'x')), 1});
    return reply;
  });
  records = 5;
  EXPECT_EQ(key_of(ask(dns_config("udp"), server.port()).failure), "up");
  records = 12;
  EXPECT_EQ(key_of(ask(dns_config("udp"), server.port()).failure), "response/protocol");
  EXPECT_EQ(key_of(ask(dns_config("tcp"), server.port()).failure), "up");
}

TEST(DnsOverTcp, a_wrong_id_is_a_protocol_error) {
  ScriptedDns server;
  server.script([](const DnsQuestion& question) {
    return question.reply().with_id(static_cast<std::uint16_t>(question.reply().id + 1));
  });
  EXPECT_EQ(key_of(ask(dns_config("tcp"), server.port()).failure), "response/protocol");
}

TEST(DnsOverTcp, connecting_fails) {
  ClosedPort closed;
  const Conversed refused = ask(dns_config("tcp"), closed.port());
  EXPECT_EQ(key_of(refused.failure), "connect/refused");
  EXPECT_EQ(value_of(refused.facts, "probe_dns_duration_seconds", "request"), 0);
  EXPECT_GT(value_of(refused.facts, "probe_dns_duration_seconds", "connect"), 0);
  DeafPort deaf;
  const Conversed timeout = ask(dns_config("tcp"), deaf.port(), milliseconds(150));
  EXPECT_EQ(key_of(timeout.failure), "connect/timeout");
  EXPECT_GE(value_of(timeout.facts, "probe_dns_duration_seconds", "connect"), 0.1);
}

TEST(DnsOverTcp, hanging_up_in_the_middle) {
  for (const std::string& sent : {std::string(), std::string("\0", 1), std::string("\0\x20half", 6)}) {
    ScriptedServer server([&](Peer& peer) {
      peer.read_exactly(2);
      peer.send(sent);
      peer.close();
    });
    EXPECT_EQ(key_of(ask(dns_config("tcp"), server.port()).failure), "response/closed") << sent.size();
  }
  ScriptedServer resetting([](Peer& peer) {
    peer.read_exactly(2);
    peer.reset();
  });
  EXPECT_EQ(key_of(ask(dns_config("tcp"), resetting.port()).failure), "response/closed");
}

TEST(DnsOverTcp, answers_may_drip_but_not_beyond_the_deadline) {
  ScriptedServer server([](Peer& peer) {
    const std::string prefix = peer.read_exactly(2);
    std::string message = peer.read_exactly(static_cast<std::uint8_t>(prefix[1]));
    message[2] |= static_cast<char>(0x80);
    peer.drip(prefix + message, milliseconds(peer.number() == 0 ? 1 : 50));
  });
  EXPECT_EQ(key_of(ask(dns_config("tcp"), server.port()).failure), "up");
  EXPECT_EQ(key_of(ask(dns_config("tcp"), server.port(), milliseconds(300)).failure), "response/timeout");
}

TEST(DnsOverTcp, a_zero_length_is_no_message) {
  ScriptedServer server([](Peer& peer) {
    peer.read_exactly(2);
    peer.send(std::string(2, '\0'));
    peer.stall();
  });
  EXPECT_EQ(key_of(ask(dns_config("tcp"), server.port()).failure), "response/protocol");
}

TEST(DnsChecks, a_section_of_endless_text_is_a_limit) {
  ScriptedDns server;
  server.script(endless_text);
  DnsConfig config = dns_config("tcp");
  EXPECT_EQ(key_of(ask(config, server.port()).failure), "up") << "without rules nothing is written";
  config.validate_answer_rrs.fail_if_matches_regexp = {pattern("never")};
  EXPECT_EQ(key_of(ask(config, server.port()).failure), "match/limit");
}

}  // namespace
}  // namespace lookout::test
