// Words for the http kind's tests: a module from YAML, a server that answers, a probe of it.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/http/http.h"
#include "tests/support/conversation.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {

// The http block; problems abort the test with their text.
HttpConfig http_config(std::string_view yaml);

// "HTTP/1.1 200 OK", the header lines given (each with its \r\n), Content-Length and the body.
std::string reply(int status, std::string_view body = {}, std::string_view headers = {});

// Answers each connection's request with this and closes.
ScriptedServer::Script answering(std::string answer);

// A redirect, with further header lines.
std::string redirect(int status, const std::string& location, std::string_view body = {},
                     std::string_view headers = {});

// Answers the n-th connection with the n-th answer (further ones with the last) and remembers the requests.
class Sequence {
 public:
  explicit Sequence(std::vector<std::string> answers, ScriptedServer::Options options = {});

  const ScriptedServer& server() const { return server_; }
  std::string request(std::size_t number);

 private:
  void serve(Peer& peer);

  std::vector<std::string> answers_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedServer server_;
};

Conversed probe_http_once(std::string_view yaml, const std::string& address,
                          Duration timeout = std::chrono::seconds(10), const std::string& hostname = {});

Conversed probe_http_once(HttpConfig config, const std::string& address,
                          Duration timeout = std::chrono::seconds(10), const std::string& hostname = {});

ServerTls tls_with(Identity identity, std::vector<std::string> alpn = {});

std::string gzipped(std::string_view text);
std::string raw_deflated(std::string_view text);
std::string zlib_deflated(std::string_view text);

// Open descriptors of this process.
int open_descriptors();

}  // namespace lookout::test
