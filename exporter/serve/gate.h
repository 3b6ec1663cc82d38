// Who comes in: what --web.config.file demands of every connection and request. The file is looked at for
// each of them and read again when it changed; while it is unusable every request is answered with 500, and
// handshakes go on with what was last usable. Main loop only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/serve/http_message.h"
#include "exporter/serve/password_check.h"
#include "exporter/serve/server_tls.h"
#include "exporter/serve/token_bucket.h"
#include "exporter/serve/web_config.h"
#include "probes/net/file_state.h"

namespace lookout {

class Gate {
 public:
  using OnProblems = std::function<void(const std::vector<Problem>&)>;

  // Throws std::runtime_error with every problem when the file cannot be used. Later ones are told through
  // `on_problems`, each once.
  Gate(Executor executor, std::string path, OnProblems on_problems);

  bool speaks_tls() const { return speaks_tls_; }  // settled at the start
  ssl_ctx_st* handshake_context();                 // for the next connection

  // nullopt: may pass; else the answer. The request must live until then.
  Task<std::optional<Response>> admit(const Request& request);
  // Whether whoever passes has proven who it is: by a password, or by a certificate that must verify.
  bool authenticates() const;
  // Of a request that may pass: whose password, or that it was a certificate.
  std::string user_of(const Request& request) const;
  void add_headers(Response& response) const;
  void stop();  // checks no more passwords; while the loop is still there

 private:
  std::vector<Problem> load();
  void refresh();
  void refresh_tls(std::vector<Problem>& problems);
  Task<PasswordCheck::Answer> check(const Request& request);

  const std::string path_;
  const OnProblems on_problems_;
  FileState seen_;
  std::shared_ptr<const WebConfig> config_;  // as read last; nullptr while it is unusable
  ServerTlsContext tls_;
  bool speaks_tls_ = false;
  WebRateLimit limit_;
  TokenBucket bucket_;
  PasswordCheck passwords_;
};

}  // namespace lookout
