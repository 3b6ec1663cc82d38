// What the tests of TLS share: one handshake with a server on loopback, and what is known afterwards.
#pragma once

#include <gtest/gtest.h>

#include "probes/net/tls.h"
#include "tests/support/conversation.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {

using std::chrono::seconds;

struct Wanted {
  TlsConfig config;
  std::string name = "localhost";
  std::vector<std::string> alpn = {};
  std::string data = {};  // sent after the handshake, then the answer is read to its end
};

struct Got {
  Conversed conversed;
  std::string key, alpn, data;
};

Task<Outcome> handshake(ProbeRun& run, std::uint16_t port, Wanted wanted, Got* got);
Got shake_hands(std::uint16_t port, const Wanted& wanted, Duration timeout = seconds(5));

class Tls : public ::testing::Test {
 protected:
  TlsConfig trusting() const {
    TlsConfig config;
    config.ca = certificates.authority_pem();
    return config;
  }
  // With a server that shows this certificate and then waits.
  Got meet(const Identity& identity, const Wanted& wanted) {
    const ServerTls tls{.identity = identity};
    ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &tls});
    return shake_hands(server.port(), wanted);
  }
  std::string meet(const Identity& identity) { return meet(identity, {trusting()}).key; }

  TestCertificates certificates;
};

}  // namespace lookout::test
