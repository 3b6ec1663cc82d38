// A TCP or local server for tests that does exactly what a script tells it: send, drip, stall, reset, speak
// TLS with a given certificate. Real listening socket, port chosen by the kernel, one thread for each
// connection; every wait ends when the server is destroyed, so a test that fails does not hang.
//
//   ScriptedServer server([](Peer& peer) {
//     peer.send("220 ready\r\n");
//     peer.expect("EHLO");
//     peer.reset();
//   });
//   probe("127.0.0.1", server.port());
//   EXPECT_EQ(server.trouble(), "");
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/test_certificates.h"

namespace lookout::test {

using std::chrono::milliseconds;

// What a server does for TLS.
struct ServerTls {
  Identity identity;
  std::string client_ca_pem = {};                // engaged: the client must show a certificate of it
  std::vector<std::string> alpn = {};            // in order of preference; empty: none
  int minimum_version = 0, maximum_version = 0;  // TLS1_2_VERSION, ...; 0: the library's
  std::string ciphers = {};                      // of TLS up to 1.2; empty: the library's
  bool renegotiates = false;
};

// One accepted connection, as the script sees it. Reading past the peer's end or after the server was stopped
// ends the script.
class Peer {
 public:
  struct Connection;
  explicit Peer(Connection& connection) : connection_(connection) {}

  int number() const;           // 0 for the first connection of the server
  std::string address() const;  // where the client connected from, without its port
  bool is_tls() const;
  std::string server_name() const;  // SNI that the client sent; empty without
  bool showed_certificate() const;  // the client's, verified

  void send(std::string_view data);
  void drip(std::string_view data, milliseconds pause);  // one byte at a time, pausing before each
  std::string read_some(std::size_t most = 65536);       // empty: the peer closed
  std::string read_until(std::string_view mark);         // up to and with the mark
  std::string read_exactly(std::size_t size);
  void expect(std::string_view data);  // the next bytes must be these
  std::string read_request();          // HTTP/1: head and, by Content-Length, body
  void wait_for_close();               // reads and drops until the peer closes
  void stall();  // says and reads nothing until the server is stopped or the peer is gone
  void pause(milliseconds time);
  // As the server; a failed handshake ends the script. A second time: within the first.
  void start_tls(const ServerTls& tls);
  void close();  // orderly: close_notify with TLS, FIN
  void cut();    // FIN without close_notify
  void reset();  // RST

 private:
  void hang_up_after_alert();

  Connection& connection_;
};

// Bytes that do not fit between a client and a server that reads nothing: the client's buffer grows to 4 MB,
// the server's is kept small.
inline constexpr std::size_t kMoreThanTheKernelTakes = 6'000'000;

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  struct Options {
    std::string address = "127.0.0.1";  // or ::1, or /path or @name of a local socket
    const ServerTls* tls = nullptr;     // each connection starts with a handshake; outlives the server
  };

  explicit ScriptedServer(Script script) : ScriptedServer(std::move(script), Options{}) {}
  ScriptedServer(Script script, Options options);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  std::uint16_t port() const;
  std::string address() const;  // "127.0.0.1:port", "[::1]:port", "/path"
  int connections() const;      // accepted until now
  // What went against the script (the peer sent something else, a handshake failed), one line each; empty
  // when all went well.
  std::string trouble() const;
  // Waits until the scripts of all accepted connections have ended.
  bool wait_idle(milliseconds limit = milliseconds(5000)) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A port on which nobody listens, kept reserved while the object lives: connecting is refused.
class ClosedPort {
 public:
  explicit ClosedPort(const std::string& address = "127.0.0.1");
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort();
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_;
};

// A port whose queue of connections is full: the kernel drops further SYNs, so connecting hangs.
class DeafPort {
 public:
  DeafPort();
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;
  ~DeafPort();
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_;
  std::vector<int> fillers_;
};

}  // namespace lookout::test
