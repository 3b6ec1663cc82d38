// The websocket kind as a whole: the cases of the conformance list, what the upgrade says, and what is
// stated.
#include "probes/websocket/websocket.h"

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/websocket_peer.h"
#include "tests/support/patience.h"
#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

std::string url(const ScriptedServer& server) { return "ws://" + server.address() + "/path?a=b"; }

ProbeResult probe(const std::string& target, const std::string& block, Duration timeout = seconds(5)) {
  return probe_once(module_of("{prober: websocket, websocket: {" + block + "}}"), Target{target, {}},
                    timeout);
}

void expect_upgraded(const ProbeResult& result, double regex) {
  EXPECT_EQ(value_of(result.facts, "probe_websocket_status_code"), 101);
  EXPECT_EQ(value_of(result.facts, "probe_websocket_connection_upgraded"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_websocket_failed_due_to_regex"), regex);
}

std::set<std::string> phases_of(const ProbeResult& result) {
  std::set<std::string> phases;
  for (const Fact& fact : result.facts) {
    if (fact.family != &kWebsocketDuration) continue;
    EXPECT_GE(fact.value, 0) << fact.labels;
    phases.insert(fact.labels);
  }
  return phases;
}

using Phases = std::set<std::string>;
const Phases kUntilUpgrade{"phase=\"resolve\"", "phase=\"connect\"", "phase=\"processing\""};
const Phases kAllPhases{"phase=\"resolve\"", "phase=\"connect\"", "phase=\"processing\"",
                        "phase=\"transfer\""};

void converse(Peer& peer) {
  upgrade(peer);
  send_text(peer, "incoming_test");
  if (read_frame(peer) == "\x81outgoing_test") send_text(peer, "passed");
  read_frame(peer);
}

const std::string kDialogue = "query_response: [{expect: 'incoming_(.+)', send: 'outgoing_${1}'}, {expect: ";

// The head of the request that this block makes.
std::string request_of(const std::string& block) {
  std::string request;
  {
    ScriptedServer server([&](Peer& peer) { request = upgrade(peer); });
    EXPECT_EQ(key_of(probe(url(server), block).failure), "up");
  }
  return request;
}

class WebsocketFiles : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = certificates_.folder() + "/" + name;
    std::ofstream(path) << content;
    return path;
  }
  TestCertificates certificates_;
};

TEST(Websocket, WS_001_basic_auth_and_a_header) {
  const std::string request = request_of(
      "http_config: {basic_auth: {username: user, password: pass}}, headers: {X-Test: {values: [value]}}");
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Basic dXNlcjpwYXNz\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nX-Test: value\r\n"));
  EXPECT_THAT(request, testing::StartsWith("GET /path?a=b HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_THAT(request, HasSubstr("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
}

TEST_F(WebsocketFiles, WS_002_user_and_password_from_files) {
  const std::string request =
      request_of("http_config: {basic_auth: {username_file: '" + file("user", " user\n") +
                 "', password_file: '" + file("password", "pass\n") + "'}}");
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Basic dXNlcjpwYXNz\r\n"));
}

TEST_F(WebsocketFiles, WS_003_a_header_from_a_file) {
  const std::string request =
      request_of("headers: {X-Test: {files: ['" + file("header", "from file\n") + "']}}");
  EXPECT_THAT(request, HasSubstr("\r\nX-Test: from file\r\n"));
}

TEST(Websocket, WS_004_a_dialogue) {
  ScriptedServer server(converse);
  const ProbeResult result = probe(url(server), kDialogue + "'^passed'}]");
  EXPECT_EQ(key_of(result.failure), "up");
  expect_upgraded(result, 0);
  EXPECT_EQ(server.trouble(), "");
}

TEST(Websocket, WS_005_a_dialogue_that_goes_wrong) {
  ScriptedServer server(converse);
  const ProbeResult result = probe(url(server), kDialogue + "'^failed'}]");
  EXPECT_EQ(key_of(result.failure), "match/mismatch");
  expect_upgraded(result, 1);
}

TEST_F(WebsocketFiles, WS_006_over_tls_with_credentials) {
  const ServerTls tls{.identity = certificates_.untrusted()};
  std::string request;
  ScriptedServer server([&](Peer& peer) { request = upgrade(peer); }, {.tls = &tls});
  const ProbeResult result = probe("wss://" + server.address(),
                                   "http_config: {tls_config: {insecure_skip_verify: true}, authorization: "
                                   "{credentials: secret}}, headers: "
                                   "{X-Test: {values: [value]}}");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_websocket_status_code"), 101);
  EXPECT_EQ(value_of(result.facts, "probe_websocket_connection_upgraded"), 1);
  ASSERT_TRUE(server.wait_idle());
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Bearer secret\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nX-Test: value\r\n"));
}

TEST(Websocket, WS_007_a_dialogue_over_ip4) {
  ScriptedServer server(converse);
  const ProbeResult result = probe(url(server), "preferred_ip_protocol: ip4, " + kDialogue + "'^passed'}]");
  EXPECT_EQ(key_of(result.failure), "up");
  expect_upgraded(result, 0);
  EXPECT_EQ(value_of(result.facts, "probe_ip_protocol"), 4);
}

TEST(Websocket, WS_008_every_duration_has_its_phase) {
  ScriptedServer server(converse);
  EXPECT_EQ(phases_of(probe(url(server), kDialogue + "'^passed'}]")), kAllPhases);
  ScriptedServer silent([](Peer& peer) { upgrade(peer); });
  EXPECT_EQ(phases_of(probe(url(silent), "")), kUntilUpgrade);
}

TEST(Websocket, OBS_055_an_upgrade_that_is_refused) {
  ScriptedServer server([](Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  const ProbeResult result = probe(url(server), "");
  EXPECT_EQ(key_of(result.failure), "response/status");
  EXPECT_EQ(value_of(result.facts, "probe_websocket_status_code"), 403);
  EXPECT_EQ(value_of(result.facts, "probe_websocket_connection_upgraded"), 0);
  EXPECT_EQ(phases_of(result), kUntilUpgrade);
}

TEST(Websocket, OBS_056_a_target_of_another_scheme) {
  const ProbeResult result = probe("http://127.0.0.1:1/", "");
  EXPECT_EQ(key_of(result.failure), "connect/internal");
  EXPECT_EQ(value_of(result.facts, "probe_websocket_status_code"), 0);
  EXPECT_EQ(phases_of(result), (Phases{"phase=\"resolve\"", "phase=\"processing\""}));
}

// blackbox_exporter waits for as long as the server is silent.
TEST(Websocket, OBS_057_a_silent_server_is_cut_off_at_the_deadline) {
  ScriptedServer server([](Peer& peer) {
    upgrade(peer);
    peer.stall();
  });
  const ProbeResult result = probe(url(server), "query_response: [{expect: hello}]", milliseconds(200));
  EXPECT_EQ(key_of(result.failure), "response/timeout");
  EXPECT_LT(result.duration, seconds(2) * kPatience);
  expect_upgraded(result, 1);
  EXPECT_EQ(phases_of(result), kAllPhases);
}

TEST(Websocket, CFG_026_credentials_and_tls_of_the_upgrade) {
  const auto module = module_of(
      "{prober: websocket, websocket: {http_config: {tls_config: {insecure_skip_verify: true}, basic_auth: "
      "{username: user, password: pass}}}}");
  const HttpClientConfig& client = std::get<WebsocketConfig>(module->config).http_config;
  EXPECT_TRUE(client.tls_config.insecure_skip_verify);
  ASSERT_TRUE(client.basic_auth);
  EXPECT_EQ(client.basic_auth->username, "user");
  EXPECT_EQ(client.basic_auth->password.value, "pass");
}

TEST(Websocket, NoUrlLeavesNothing) {
  EXPECT_TRUE(probe("no url", "").facts.empty());
  EXPECT_EQ(key_of(probe("ws://", "").failure), "resolve/internal");
}

TEST(Websocket, AUserInTheUrlIsRefused) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  EXPECT_EQ(key_of(probe("ws://user@" + server.address(), "").failure), "connect/internal");
  EXPECT_EQ(server.connections(), 0);
}

TEST(Websocket, Refused) {
  const ClosedPort port;
  const ProbeResult result = probe("ws://127.0.0.1:" + std::to_string(port.port()), "");
  EXPECT_EQ(key_of(result.failure), "connect/refused");
  EXPECT_EQ(phases_of(result), (Phases{"phase=\"resolve\"", "phase=\"processing\""}));
}

TEST(Websocket, HeadersMayBePlainAndTheirOwnHost) {
  const std::string request =
      request_of("headers: {Origin: http://example.org, Host: other.test, X: {values: [1, 2]}}");
  EXPECT_THAT(request, HasSubstr("\r\nOrigin: http://example.org\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nX: 1\r\nX: 2\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nHost: other.test\r\n"));
  EXPECT_EQ(request.find("Host:"), request.rfind("Host:"));
}

TEST(Websocket, HeadersOfTheUpgradeAreItsOwn) {
  for (const char* name : {"Upgrade", "connection", "Sec-WebSocket-Key"}) {
    const ProbeResult result = probe("ws://127.0.0.1:9", std::string("headers: {") + name + ": x}");
    EXPECT_EQ(key_of(result.failure), "connect/internal") << name;
  }
}

TEST(Websocket, BytesGoAsABinaryMessageAndLabelsAreTaken) {
  ScriptedServer server([](Peer& peer) {
    upgrade(peer);
    EXPECT_EQ(read_frame(peer), std::string("\x82\x00\xff", 3));
    peer.send(server_frame(kBinary, "version 7"));
    read_frame(peer);
  });
  const ProbeResult result = probe(
      url(server),
      "query_response: [{send_hex: 00ff}, {expect: 'version (.)', labels: [{name: version, value: $1}]}]");
  EXPECT_EQ(key_of(result.failure), "up");
  EXPECT_EQ(value_of(result.facts, "probe_expect_info", "version=\"7\""), 1);
  EXPECT_EQ(server.trouble(), "");
}

TEST(Websocket, SaysGoodbye) {
  std::string last;
  {
    ScriptedServer server([&](Peer& peer) {
      upgrade(peer);
      send_text(peer, "hello");
      last = read_frame(peer);
    });
    EXPECT_EQ(key_of(probe(url(server), "query_response: [{expect: hello}]").failure), "up");
    EXPECT_TRUE(server.wait_idle());
  }
  EXPECT_EQ(last, "\x88\x03\xe8");
}

}  // namespace
}  // namespace lookout::test
