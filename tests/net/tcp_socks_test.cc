// The tcp kind through a SOCKS5 proxy: what the proxy is told, and whose fault an end is.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/probe_once.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using namespace std::string_literals;

// Greets without a login and reads a request for a name of `size` bytes: what the name is, and the port.
std::string take_request(Peer& peer, std::size_t size) {
  peer.expect("\x05\x01\x00"s);
  peer.send("\x05\x00"s);
  peer.expect("\x05\x01\x00\x03"s + static_cast<char>(size));
  return peer.read_exactly(size + 2);
}

std::string granted() { return "\x05\x00\x00\x01"s + std::string(6, '\0'); }

ProbeResult probe(const ScriptedServer& proxy, const std::string& target, const std::string& more = "",
                  const std::string& login = "", Duration timeout = seconds(5)) {
  return probe_once(
      module_of("{prober: tcp, tcp: {proxy_url: 'socks5://" + login + proxy.address() + "'" + more + "}}"),
      Target{target, {}}, timeout);
}

TEST(TcpSocks, TheProxyIsToldTheName) {
  std::string asked;
  ScriptedServer proxy([&](Peer& peer) {
    asked = take_request(peer, 12);
    peer.send(granted() + "220 ready\n");
    peer.expect("QUIT\n");
  });
  const ProbeResult result =
      probe(proxy, "nowhere.test:25", ", query_response: [{expect: '^220', send: QUIT}]");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(names_of(result.stages), "resolve connect response request");
  EXPECT_EQ(proxy.trouble(), "");
  EXPECT_EQ(asked, "nowhere.test\x00\x19"s);
  // Nothing of the target was resolved here.
  EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol"), nullptr);
}

TEST(TcpSocks, LogsInAndCarriesTls) {
  TestCertificates certificates;
  const ServerTls tls{.identity = certificates.good()};
  ScriptedServer proxy([&](Peer& peer) {
    peer.expect("\x05\x02\x00\x02"s);
    peer.send("\x05\x02"s);
    peer.expect("\x01\x04user\x06secret"s);
    peer.send("\x01\x00"s);
    peer.read_exactly(4 + 1 + 9 + 2);
    peer.send(granted());
    peer.start_tls(tls);
    peer.wait_for_close();
  });
  const ProbeResult result =
      probe(proxy, "localhost:443",
            ", tls: true, tls_config: {ca_file: '" + certificates.authority_file() + "'}", "user:secret@");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(value_of(result.facts, "probe_tls_version_info"), 1);
}

TEST(TcpSocks, WhatTheProxySaysIsToldAsItsOwn) {
  for (const auto& [reply, key] : std::vector<std::pair<char, std::string>>{
           {'\x02', "connect/refused"}, {'\x04', "connect/unreachable"}, {'\x05', "connect/refused"}}) {
    ScriptedServer proxy([reply](Peer& peer) {
      take_request(peer, 12);
      peer.send("\x05"s + reply + "\x00\x01"s + std::string(6, '\0'));
      peer.wait_for_close();
    });
    const ProbeResult result = probe(proxy, "nowhere.test:25");
    EXPECT_EQ(key_of(result.failure), key);
    EXPECT_THAT(result.failure->detail, testing::StartsWith("proxy: "));
  }
}

TEST(TcpSocks, AProxyThatIsNoneOrNotThere) {
  ScriptedServer closing([](Peer& peer) { peer.close(); });
  EXPECT_EQ(key_of(probe(closing, "nowhere.test:25").failure), "connect/closed");
  ScriptedServer other([](Peer& peer) {
    peer.send("SSH-2.0-test\r\n");
    peer.wait_for_close();
  });
  EXPECT_EQ(key_of(probe(other, "nowhere.test:25").failure), "connect/protocol");
  ScriptedServer silent([](Peer& peer) { peer.stall(); });
  EXPECT_EQ(key_of(probe(silent, "nowhere.test:25", "", "", milliseconds(150)).failure), "connect/timeout");
  const ClosedPort nobody;
  const ProbeResult refused = probe_once(module_of("{prober: tcp, tcp: {proxy_url: 'socks5://127.0.0.1:" +
                                                   std::to_string(nobody.port()) + "'}}"),
                                         Target{"nowhere.test:25", {}});
  EXPECT_EQ(key_of(refused.failure), "connect/refused");
  EXPECT_THAT(refused.failure->detail, testing::StartsWith("proxy: "));
}

}  // namespace
}  // namespace lookout::test
