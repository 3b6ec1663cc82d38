// What a Peer of a ScriptedServer stands on: one accepted connection, in plain or in TLS, whose every wait
// ends when the server is stopped. For the files of the scripted server only; runs on the connection's own
// thread.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <openssl/ssl.h>

#include "tests/support/scripted_server.h"

namespace lookout::test {

inline constexpr milliseconds kLongestWait{20000};

// Of what a test cannot go on without.
inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "scripted server: %s: %s\n", what, std::strerror(errno));
  std::abort();
}

// Ends a script from within; empty text: nothing went wrong.
struct ScriptEnded {
  std::string trouble;
};

struct Peer::Connection {
  int socket;
  int stop_event;
  int number;
  SSL_CTX* context = nullptr;
  SSL* tls = nullptr;
  std::string alpn = {};
  std::string pending = {};  // read, but not yet asked for

  ~Connection();
  void wait(short events, milliseconds limit = kLongestWait) const;
  // After an SSL call: waits if it only has to, otherwise ends the script.
  void after_tls(int result, const char* what) const;
  std::string receive(std::size_t most);
};

}  // namespace lookout::test
