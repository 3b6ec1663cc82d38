// The conformance list's cases of the tcp kind that do not hang on what a name resolves to. Where
// blackbox_exporter is broken the case says what Lookout does instead.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;

class TcpConformance : public testing::Test {
 protected:
  ProbeResult probe(const std::string& address, const std::string& block, Duration timeout = seconds(5)) {
    return probe_once(module_of("{prober: tcp, tcp: {preferred_ip_protocol: ip4, " + block + "}}"),
                      Target{address, {}}, timeout);
  }
  ProbeResult meet(ScriptedServer::Script script, const std::string& steps, Duration timeout = seconds(5)) {
    ScriptedServer server(std::move(script));
    const ProbeResult result = probe(server.address(), "query_response: [" + steps + "]", timeout);
    EXPECT_EQ(server.trouble(), "");
    return result;
  }
  // A TLS server whose certificate is for the name localhost only.
  ProbeResult meet_in_tls(const std::string& host, const std::string& tls_config) {
    const ServerTls tls{.identity = certificates_.make({.dns_names = {"localhost"}, .ip_addresses = {}}),
                        .maximum_version = TLS1_2_VERSION};
    ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
    return probe(
        host + ":" + std::to_string(server.port()),
        "tls: true, tls_config: {ca_file: '" + certificates_.authority_file() + "'" + tls_config + "}");
  }
  static void expect_flags(const ProbeResult& result, double regex, double bytes) {
    EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), regex);
    EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_bytes"), bytes);
  }

  TestCertificates certificates_;
};

TEST_F(TcpConformance, TCP_001_a_listener_that_accepts) {
  ScriptedServer server([](Peer& peer) { peer.close(); });
  EXPECT_EQ(probe(server.address(), "").verdict, Verdict::up);
}

TEST_F(TcpConformance, TCP_002_no_port_to_speak_of) {
  const ProbeResult result = probe(":0", "ip_protocol_fallback: false");
  EXPECT_NE(result.verdict, Verdict::up);
}

TEST_F(TcpConformance, TCP_003_tls_by_address_for_a_named_certificate) {
  EXPECT_EQ(key_of(meet_in_tls("127.0.0.1", "").failure), "tls/certificate_name");
}

TEST_F(TcpConformance, TCP_004_tls_by_name) { EXPECT_EQ(meet_in_tls("localhost", "").verdict, Verdict::up); }

TEST_F(TcpConformance, TCP_005_tls_by_address_with_server_name) {
  const ProbeResult result = meet_in_tls("127.0.0.1", ", server_name: localhost");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_tls_version_info", "version=\"TLS 1.2\""), 1);
  EXPECT_EQ(value_of(result.facts, "probe_ssl_last_chain_info"), 1);
  EXPECT_NEAR(value_of(result.facts, "probe_ssl_earliest_cert_expiry"),
              unix_seconds(std::chrono::system_clock::now()) + 90 * 86400, 120);
}

TEST_F(TcpConformance, TCP_007_smtp_with_starttls) {
  const ServerTls tls{.identity = certificates_.good()};
  const ProbeResult result = [&] {
    ScriptedServer server([&](Peer& peer) {
      peer.send("220 ESMTP StartTLS pseudo-server\n");
      peer.expect("EHLO tls.prober\n");
      peer.send("250-pseudo-server.example.net\n250-STARTTLS\n250 DSN\n");
      peer.expect("STARTTLS\n");
      peer.send("220 2.0.0 Ready to start TLS\n");
      peer.start_tls(tls);
      peer.expect("EHLO tls.prober\n");
      peer.send("250-pseudo-server.example.net\n250-AUTH\n250 DSN\n");
      peer.expect("QUIT\n");
    });
    return probe(
        server.address(),
        "tls_config: {insecure_skip_verify: true}, query_response: [{expect: '^220.*ESMTP.*$'}, {send: EHLO "
        "tls.prober}, {expect: '^250-STARTTLS'}, {send: STARTTLS}, {expect: '^220'}, {starttls: true}, "
        "{send: EHLO tls.prober}, {expect: '^250-AUTH'}, {send: QUIT}]");
  }();
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_NEAR(value_of(result.facts, "probe_ssl_earliest_cert_expiry"),
              unix_seconds(std::chrono::system_clock::now()) + 90 * 86400, 120);
}

const std::string kIrc =
    "{send: NICK prober}, {send: USER prober prober prober :prober}, {expect: '^:[^ ]+ 001'}";

void welcome(Peer& peer) {
  peer.expect("NICK prober\nUSER prober prober prober :prober\n");
  peer.send(":ircd.localhost NOTICE AUTH :*** Looking up your hostname...\n:ircd.localhost 001\n");
}

void turn_away(Peer& peer) {
  peer.expect("NICK prober\nUSER prober prober prober :prober\n");
  peer.send("ERROR: Your IP address has been blacklisted.\n");
  peer.close();
}

TEST_F(TcpConformance, TCP_008_irc_welcomes) { EXPECT_EQ(key_of(meet(welcome, kIrc).failure), "up"); }

TEST_F(TcpConformance, TCP_009_irc_turns_away) {
  const ProbeResult result = meet(turn_away, kIrc);
  EXPECT_EQ(key_of(result.failure), "match/mismatch");
  expect_flags(result, 1, 0);
}

const std::string kSsh = "expect: '^SSH-2\\.0-([^ -]+)(?: (.*))?$', send: 'SSH-2.0-PrometheusSSH-${1}'";

void greet_as_ssh(Peer& peer) {
  peer.send("SSH-2.0-OpenSSH_6.9p1 Debian-2\n");
  peer.expect("SSH-2.0-PrometheusSSH-OpenSSH_6.9p1\n");
}

TEST_F(TcpConformance, TCP_010_groups_in_what_is_sent_and_in_labels) {
  const ProbeResult result = meet(greet_as_ssh, "{" + kSsh +
                                                    ", labels: [{name: ssh_version, value: '${1}'}, {name: "
                                                    "ssh_comments, value: '${2}'}]}");
  EXPECT_EQ(key_of(result.failure), "up");
  expect_flags(result, 0, 0);
  EXPECT_EQ(
      value_of(result.facts, "probe_expect_info", "ssh_comments=\"Debian-2\",ssh_version=\"OpenSSH_6.9p1\""),
      1);
}

TEST_F(TcpConformance, TCP_011_expected_bytes) {
  const ProbeResult result =
      meet([](Peer& peer) { peer.send("0123456789"); }, "{expect_bytes: '0123456789'}");
  EXPECT_EQ(key_of(result.failure), "up");
  expect_flags(result, 0, 0);
}

TEST_F(TcpConformance, TCP_012_other_bytes) {
  const ProbeResult result =
      meet([](Peer& peer) { peer.send("0123456789"); }, "{expect_bytes: '012345678x'}");
  EXPECT_EQ(key_of(result.failure), "match/mismatch");
  expect_flags(result, 0, 1);
}

TEST_F(TcpConformance, TCP_016_closes_instead_of_talking) {
  const ProbeResult result = meet([](Peer& peer) { peer.close(); }, "{expect: hello}");
  EXPECT_EQ(key_of(result.failure), "response/closed");
  EXPECT_EQ(result.verdict, Verdict::down);
}

TEST_F(TcpConformance, TCP_017_labels_of_text_and_groups) {
  const ProbeResult result =
      meet(greet_as_ssh, "{" + kSsh +
                             ", labels: [{name: a, value: 'got ${1} here'}, {name: b, value: "
                             "'${1} on ${2}'}]}");
  EXPECT_EQ(value_of(result.facts, "probe_expect_info",
                     "a=\"got OpenSSH_6.9p1 here\",b=\"OpenSSH_6.9p1 on Debian-2\""),
            1);
}

TEST_F(TcpConformance, OBS_034_an_unterminated_last_line_counts_at_the_end) {
  EXPECT_EQ(key_of(meet(
                       [](Peer& peer) {
                         peer.send("ready");
                         peer.close();
                       },
                       "{expect: '^ready$'}")
                       .failure),
            "up");
}

TEST_F(TcpConformance, OBS_035_an_unterminated_line_may_still_go_on) {
  const ProbeResult result = meet(
      [](Peer& peer) {
        peer.send("ready");
        peer.wait_for_close();
      },
      "{expect: '^ready$'}", milliseconds(200));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  expect_flags(result, 0, 0);
}

TEST_F(TcpConformance, OBS_036_a_line_of_70000_bytes) {
  ScriptedServer server([](Peer& peer) {
    peer.send(std::string(70000, 'x') + "\n");
    peer.wait_for_close();
  });
  EXPECT_EQ(key_of(probe(server.address(), "query_response: [{expect: y}]").failure), "response/limit");
}

// blackbox_exporter loses the bytes that came with the line, and times out.
TEST_F(TcpConformance, OBS_037_bytes_after_a_line_are_not_lost) {
  EXPECT_EQ(key_of(meet([](Peer& peer) { peer.send("hello\nPONG"); }, "{expect: hello}, {expect_bytes: PONG}")
                       .failure),
            "up");
}

TEST_F(TcpConformance, OBS_038_templates_expand_as_go_does) {
  EXPECT_EQ(key_of(meet(
                       [](Peer& peer) {
                         peer.send("one\n");
                         peer.expect("a  ob n n $  \n");
                       },
                       "{expect: '^(o)(?P<n>n)e$', send: 'a $1b ${1}b ${n} $n $$ $9 ${zz}'}")
                       .failure),
            "up");
}

TEST_F(TcpConformance, OBS_039_a_label_name_that_is_none_becomes_one) {
  const ProbeResult result =
      meet([](Peer& peer) { peer.send("x\n"); }, "{expect: x, labels: [{name: bad-label, value: y}]}");
  EXPECT_EQ(value_of(result.facts, "probe_expect_info", "bad_label=\"y\""), 1);
}

// blackbox_exporter answers none of these at all.
TEST_F(TcpConformance, OBS_040_hostile_labels_do_no_harm) {
  const ProbeResult result =
      meet([](Peer& peer) { peer.send("bad \xff byte\ntwo\n"); },
           "{expect: 'bad (.*)', labels: [{name: a, value: $1}, {name: a, value: '<$1>'}]},"
           "{expect: (two), labels: [{name: b, value: $1}, {name: b, value: last}]}");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_expect_info", "b=\"last\""), 1);
}

}  // namespace
}  // namespace lookout::test
