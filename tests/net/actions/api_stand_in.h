// Stands in for a server of an API: answers the n-th request with the n-th answer, over a real connection
// each, and remembers what exactly was asked. A request too many is answered with 500.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/scripted_server.h"

namespace lookout::test {

struct ApiRequest {
  std::string line;                            // "POST /containers/shop/restart?t=10"
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// An answer with these bytes.
std::string api_answer(int status, std::string_view body = {},
                       std::string_view content_type = "application/json");
// Instead of an answer: hangs up, or says nothing until the client goes.
inline const std::string kHangUp = "hang up";
inline const std::string kSilence = "silence";

class ApiStandIn {
 public:
  explicit ApiStandIn(std::vector<std::string> answers, ScriptedServer::Options options = {});

  const ScriptedServer& server() const { return server_; }
  std::string address() const { return server_.address(); }
  std::vector<ApiRequest> requests() const;
  std::vector<std::string> lines() const;  // of the requests
  ApiRequest request(std::size_t number) const { return requests().at(number); }

 private:
  void serve(Peer& peer);

  const std::vector<std::string> answers_;
  mutable std::mutex mutex_;
  std::vector<ApiRequest> requests_;
  ScriptedServer server_;
};

}  // namespace lookout::test
