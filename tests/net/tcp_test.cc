// The tcp kind as a whole: every stage x cause that can happen to it, deadlines in each stage, and what it
// states.
#include "probes/tcp/tcp.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/patience.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_dns.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;

std::string quoted_yaml(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
  return quoted + "\"";
}

ProbeResult probe_tcp_at(const std::string& address, const std::string& block, Duration timeout = seconds(5),
                         const std::function<void(ProbeServices&)>& prepare = {}) {
  return probe_once(module_of("{prober: tcp, tcp: {" + block + "}}"), Target{address, {}}, timeout, prepare);
}

std::set<std::string> metrics_of(const ProbeResult& result) {
  std::set<std::string> names;
  for (const Fact& fact : result.facts) names.insert(std::string(fact.family->metric));
  return names;
}

const std::set<std::string> kResolveMetrics{"probe_dns_lookup_time_seconds", "probe_ip_addr_hash",
                                            "probe_ip_protocol"};
const std::set<std::string> kConnectedMetrics{"probe_dns_lookup_time_seconds", "probe_ip_addr_hash",
                                              "probe_ip_protocol", "probe_failed_due_to_bytes",
                                              "probe_failed_due_to_regex"};

TEST(Tcp, ConnectsAndIsUp) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  const ProbeResult result = probe_tcp_at(server.address(), "");
  EXPECT_EQ(result.verdict, Verdict::up);
  EXPECT_EQ(names_of(result.stages), "resolve connect");
  EXPECT_EQ(metrics_of(result), kConnectedMetrics);
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4);
}

TEST(Tcp, ConnectsOverIp6) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = "::1"});
  const ProbeResult result = probe_tcp_at(server.address(), "ip_protocol_fallback: false");
  EXPECT_EQ(result.verdict, Verdict::up);
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 6);
}

TEST(Tcp, AnAddressWithoutPortIsNotTheTargetsFault) {
  const ProbeResult result = probe_tcp_at("127.0.0.1", "");
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_EQ(key_of(result.failure), "resolve/internal");
  EXPECT_TRUE(result.facts.empty());
}

TEST(Tcp, ResolveFailures) {
  ScriptedDns dns;
  dns.add("v4.test", kA, ipv4("127.0.0.1"));
  dns.script([&dns](const DnsQuestion& question) -> DnsAction {
    if (question.name == "servfail.test") return question.reply().with_rcode(kServfail);
    if (question.name == "silent.test") return {};
    return dns.from_records(question);
  });
  for (const auto& [name, key] :
       std::vector<std::pair<std::string, std::string>>{{"missing.test", "resolve/not_found"},
                                                        {"v4.test", "resolve/not_found"},
                                                        {"servfail.test", "resolve/protocol"},
                                                        {"silent.test", "resolve/timeout"}}) {
    const ProbeResult result =
        probe_tcp_at(name + ":80", "preferred_ip_protocol: ip6, ip_protocol_fallback: false", seconds(5),
                     name_server(dns.port()));
    EXPECT_EQ(key_of(result.failure), key) << name;
    EXPECT_EQ(result.verdict, Verdict::down);
    EXPECT_EQ(names_of(result.stages), "resolve");
    EXPECT_EQ(metrics_of(result), kResolveMetrics);
    EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 0);
  }
}

TEST(Tcp, DeadlineWhileResolving) {
  ScriptedDns dns;
  dns.script([](const DnsQuestion&) { return DnsAction(); });
  const ProbeResult result =
      probe_tcp_at("silent.test:80", "", milliseconds(150), name_server(dns.port(), seconds(30), 1));
  EXPECT_EQ(key_of(result.failure), "resolve/timeout");
  EXPECT_GE(time_of(result.stages, Stage::resolve), milliseconds(140));
  EXPECT_EQ(metrics_of(result), kResolveMetrics);
  EXPECT_LT(result.duration, seconds(3) * kPatience);
}

TEST(Tcp, Refused) {
  const ClosedPort port;
  const ProbeResult result = probe_tcp_at("127.0.0.1:" + std::to_string(port.port()), "");
  EXPECT_EQ(key_of(result.failure), "connect/refused");
  EXPECT_EQ(result.verdict, Verdict::down);
  EXPECT_EQ(metrics_of(result), kResolveMetrics);
}

TEST(Tcp, DeadlineWhileConnecting) {
  const DeafPort port;
  const ProbeResult result = probe_tcp_at("127.0.0.1:" + std::to_string(port.port()), "", milliseconds(150));
  EXPECT_EQ(key_of(result.failure), "connect/timeout");
  EXPECT_EQ(names_of(result.stages), "resolve connect");
  EXPECT_GE(time_of(result.stages, Stage::connect), milliseconds(100));
}

TEST(Tcp, OurOwnFaultsAreInconclusive) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  for (const char* source : {"192.0.2.1", "no address", "::1"}) {
    const ProbeResult result =
        probe_tcp_at(server.address(), std::string("source_ip_address: '") + source + "'");
    EXPECT_EQ(key_of(result.failure), "connect/internal") << source;
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
  }
  EXPECT_EQ(probe_tcp_at(server.address(), "source_ip_address: 127.0.0.7").verdict, Verdict::up);
  EXPECT_EQ(
      key_of(probe_tcp_at(server.address(), "tls: true, tls_config: {ca_file: /nowhere/ca.pem}").failure),
      "tls/internal");
}

TEST(Tcp, LackOfDescriptorsIsInconclusive) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  std::optional<NoDescriptors> exhausted;
  const ProbeResult result = probe_tcp_at(server.address(), "", seconds(5), [&](ProbeServices& services) {
    const Timer makes_the_loop_take_its_own(services.loop().get_executor());
    exhausted.emplace();
  });
  exhausted.reset();
  EXPECT_EQ(key_of(result.failure), "connect/internal");
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
}

class TcpTls : public ::testing::Test {
 protected:
  std::string trusting() const {
    return "tls: true, tls_config: {ca: " + quoted_yaml(certificates.authority_pem()) + "}";
  }
  ProbeResult meet(const Identity& identity, const Target& target_name = {}) {
    const ServerTls tls{.identity = identity};
    ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
    return probe_once(module_of("{prober: tcp, tcp: {" + trusting() + "}}"),
                      Target{server.address(), target_name.hostname}, seconds(5));
  }
  TestCertificates certificates;
};

TEST_F(TcpTls, StatesTheCertificate) {
  const ProbeResult result = meet(certificates.good());
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(names_of(result.stages), "resolve connect tls");
  EXPECT_EQ(value_of(result.facts, "probe_tls_version_info", "version=\"TLS 1.3\""), 1);
  EXPECT_EQ(fact_of(result.facts, "probe_tls_cipher_info"), nullptr);
  const double now = unix_seconds(std::chrono::system_clock::now());
  EXPECT_NEAR(value_of(result.facts, "probe_ssl_earliest_cert_expiry"), now + 90 * 86400, 120);
  EXPECT_NEAR(value_of(result.facts, "probe_ssl_last_chain_expiry_timestamp_seconds"), now + 90 * 86400, 120);
  const Fact* info = fact_of(result.facts, "probe_ssl_last_chain_info");
  ASSERT_NE(info, nullptr);
  for (const char* label :
       {"issuer=\"CN=Lookout test authority\"", "subject=\"CN=localhost\"", "serialnumber=\"0bff",
        "subjectalternative=\"localhost,example.test,*.wild.test\"", "fingerprint_sha256=\""}) {
    EXPECT_NE(info->labels.find(label), std::string::npos) << info->labels;
  }
}

TEST_F(TcpTls, EveryBadCertificateHasItsCause) {
  EXPECT_EQ(key_of(meet(certificates.expired()).failure), "tls/certificate_expired");
  EXPECT_EQ(key_of(meet(certificates.not_yet_valid()).failure), "tls/certificate_expired");
  EXPECT_EQ(key_of(meet(certificates.wrong_name()).failure), "tls/certificate_name");
  const ProbeResult untrusted = meet(certificates.untrusted());
  EXPECT_EQ(key_of(untrusted.failure), "tls/certificate_untrusted");
  EXPECT_EQ(untrusted.certificates.size(), 1U);
  std::set<std::string> told = kResolveMetrics;
  told.insert({"probe_ssl_earliest_cert_expiry", "probe_ssl_last_chain_info", "probe_tls_version_info"});
  EXPECT_EQ(metrics_of(untrusted), told);
}

TEST_F(TcpTls, TheTargetsHostnameIsVerified) {
  EXPECT_EQ(meet(certificates.wrong_name(), {"", "other.test"}).verdict, Verdict::up);
  EXPECT_EQ(key_of(meet(certificates.good(), {"", "other.test"}).failure), "tls/certificate_name");
}

TEST_F(TcpTls, DeadlineInTheHandshake) {
  ScriptedServer server([](Peer& peer) { peer.stall(); });
  const ProbeResult result = probe_tcp_at(server.address(), "tls: true", milliseconds(200));
  EXPECT_EQ(key_of(result.failure), "tls/timeout");
  EXPECT_EQ(names_of(result.stages), "resolve connect tls");
  EXPECT_GE(time_of(result.stages, Stage::tls), milliseconds(100));
}

TEST_F(TcpTls, BrokenHandshakes) {
  ScriptedServer closing([](Peer& peer) { peer.close(); });
  EXPECT_EQ(key_of(probe_tcp_at(closing.address(), "tls: true").failure), "tls/closed");
  ScriptedServer plain([](Peer& peer) {
    peer.send("+OK ready\r\n");
    peer.wait_for_close();
  });
  EXPECT_EQ(key_of(probe_tcp_at(plain.address(), "tls: true").failure), "tls/protocol");
}

TEST_F(TcpTls, StartTlsInADialogue) {
  const ServerTls tls{.identity = certificates.good()};
  ScriptedServer server([&](Peer& peer) {
    peer.send("220 mail.test ESMTP\r\n");
    peer.expect("EHLO prober\r\n");
    peer.send("250-mail.test\r\n250-SIZE\r\n250 STARTTLS\r\n");
    peer.expect("STARTTLS\r\n");
    peer.send("220 go ahead\r\n");
    peer.start_tls(tls);
    peer.expect("EHLO again\r\n");
    peer.send("250 secret\r\n");
    peer.wait_for_close();
  });
  const std::string dialogue =
      "tls_config: {server_name: localhost, ca: " + quoted_yaml(certificates.authority_pem()) +
      "}, query_response: [{expect: '^220 '}, {send: \"EHLO prober\\r\"}, {expect: '^250[ -]STARTTLS'},"
      "{send: \"STARTTLS\\r\"}, {expect: '^220'}, {starttls: true}, {send: \"EHLO again\\r\"}, {expect: "
      "'^250 secret$'}]";
  const ProbeResult result = probe_tcp_at(server.address(), dialogue);
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(server.trouble(), "");
  EXPECT_EQ(value_of(result.facts, "probe_tls_version_info", "version=\"TLS 1.3\""), 1);
}

// RFC 3207 section 6: what came before the handshake must not be taken for protected data.
TEST_F(TcpTls, PlainBytesBeforeStartTlsDoNotCount) {
  const ServerTls tls{.identity = certificates.good()};
  ScriptedServer server([&](Peer& peer) {
    peer.send("220 go ahead\r\n250 injected\r\n");
    peer.start_tls(tls);
    peer.send("250 real\r\n");
    peer.close();
  });
  const ProbeResult result = probe_tcp_at(
      server.address(),
      "tls_config: {insecure_skip_verify: true}, query_response: [{expect: '^220', starttls: true},"
      "{expect: '^250 (.*)$', labels: [{name: who, value: $1}]}]");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_NE(fact_of(result.facts, "probe_expect_info", "who=\"real\""), nullptr);
}

TEST_F(TcpTls, DeadlineAfterStartTls) {
  ScriptedServer server([](Peer& peer) {
    peer.send("220 go ahead\r\n");
    peer.stall();
  });
  const ProbeResult result =
      probe_tcp_at(server.address(), "query_response: [{expect: '^220', starttls: true}]", milliseconds(200));
  EXPECT_EQ(key_of(result.failure), "tls/timeout");
  EXPECT_EQ(names_of(result.stages), "resolve connect response tls");
}

}  // namespace
}  // namespace lookout::test
