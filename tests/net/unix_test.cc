// The unix kind as a whole: paths, the dialogue, TLS, and what it states.
#include "probes/unix/unix.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/patience.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;

// A folder of its own, gone with the test.
class Unix : public testing::Test {
 protected:
  Unix() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~Unix() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/socket"; }

  ProbeResult probe(const std::string& block, const std::string& hostname = {},
                    Duration timeout = seconds(5)) const {
    return probe_once(module_of("{prober: unix, unix: {" + block + "}}"), Target{path(), hostname}, timeout);
  }

  std::string folder_ = "/tmp/lookout-unix-XXXXXX";
};

std::set<std::string> metrics_of(const ProbeResult& result) {
  std::set<std::string> names;
  for (const Fact& fact : result.facts) names.insert(std::string(fact.family->metric));
  return names;
}

const std::set<std::string> kConnectedMetrics{"probe_failed_due_to_bytes", "probe_failed_due_to_regex"};

TEST_F(Unix, UNIX_001_a_listening_socket_is_up) {
  ScriptedServer server([](Peer& peer) { peer.close(); }, {.address = path()});
  const ProbeResult result = probe("");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(names_of(result.stages), "connect");
  EXPECT_EQ(metrics_of(result), kConnectedMetrics);
}

TEST_F(Unix, UNIX_002_a_missing_socket_is_down) {
  const ProbeResult result = probe("");
  EXPECT_EQ(key_of(result.failure), "connect/not_found");
  EXPECT_EQ(result.verdict, Verdict::down);
  EXPECT_EQ(names_of(result.stages), "connect");
  EXPECT_TRUE(result.facts.empty());
}

TEST_F(Unix, HoldsADialogue) {
  ScriptedServer server(
      [](Peer& peer) {
        peer.send("ready 7.0\n");
        peer.expect("PING 7.0\n");
        peer.send("+PONG");
        peer.expect(std::string("\x00\xff", 2));
        peer.send("bye\n");
      },
      {.address = path()});
  const ProbeResult result = probe(
      "query_response: [{expect: 'ready (.*)', send: 'PING $1', labels: [{name: version, value: $1}]},"
      "{expect_bytes: +PONG, send_hex: 00ff}, {expect: bye}]");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_expect_info", "version=\"7.0\""), 1);
  EXPECT_EQ(server.trouble(), "");
}

TEST_F(Unix, SpeaksTlsByTheConfiguredName) {
  TestCertificates certificates;
  const ServerTls tls{.identity = certificates.good()};
  ScriptedServer server([](Peer& peer) { peer.send("hello " + peer.server_name() + "\n"); },
                        {.address = path(), .tls = &tls});
  const std::string trusting = "tls: true, tls_config: {ca_file: '" + certificates.authority_file() + "'";
  const std::string dialogue = ", query_response: [{expect: hello localhost}]";
  const ProbeResult named = probe(trusting + ", server_name: localhost}" + dialogue);
  EXPECT_EQ(key_of(named.failure), "up");
  EXPECT_EQ(names_of(named.stages), "connect tls response");
  EXPECT_THAT(metrics_of(named),
              testing::IsSupersetOf({"probe_ssl_earliest_cert_expiry",
                                     "probe_ssl_last_chain_expiry_timestamp_seconds",
                                     "probe_ssl_last_chain_info", "probe_tls_version_info"}));
  EXPECT_EQ(key_of(probe(trusting + "}" + dialogue, "localhost").failure), "up");
  const ProbeResult nameless = probe(trusting + "}");
  EXPECT_EQ(key_of(nameless.failure), "tls/internal");
  EXPECT_THAT(nameless.failure->detail, testing::HasSubstr("set server_name or insecure_skip_verify"));
  EXPECT_EQ(key_of(probe("tls: true, tls_config: {insecure_skip_verify: true}").failure), "up");
}

TEST_F(Unix, StartsTlsInTheDialogue) {
  TestCertificates certificates;
  const ServerTls tls{.identity = certificates.good()};
  ScriptedServer server(
      [&](Peer& peer) {
        peer.expect("STARTTLS\n");
        peer.start_tls(tls);
        peer.send("secret\n");
      },
      {.address = path()});
  const ProbeResult result = probe(
      "tls_config: {insecure_skip_verify: true}, query_response: [{send: STARTTLS}, {starttls: true}, "
      "{expect: "
      "secret}]");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(server.trouble(), "");
}

TEST_F(Unix, TlsWithoutANameSaysWhatIsMissing) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = path()});
  const ProbeResult result = probe("tls: true");
  EXPECT_EQ(key_of(result.failure), "tls/internal");
  EXPECT_NE(result.failure->detail.find("set server_name"), std::string::npos) << result.failure->detail;
}

TEST_F(Unix, UnusableTlsSettingsFailTheProbe) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.address = path()});
  for (const char* settings :
       {"ca_file: /nowhere/ca.pem", "cert_file: /nowhere/c.pem, key_file: /nowhere/k.pem",
        "ca: no certificate", "min_version: TLS13, max_version: TLS12"}) {
    const ProbeResult result =
        probe(std::string("tls: true, tls_config: {server_name: localhost, ") + settings + "}");
    EXPECT_EQ(key_of(result.failure), "tls/internal") << settings;
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
  }
}

TEST_F(Unix, DeadlinesCutIt) {
  ScriptedServer server([](Peer& peer) { peer.stall(); }, {.address = path()});
  const ProbeResult result = probe("query_response: [{expect: hello}]", "", milliseconds(150));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_LT(result.duration, seconds(2) * kPatience);
  EXPECT_EQ(value_of(result.facts, "probe_failed_due_to_regex"), 0);
}

}  // namespace
}  // namespace lookout::test
