// Which path answers what. One table; each page has its file. Main loop; borrows the backend.
#pragma once

#include "exporter/serve/http_message.h"
#include "exporter/serve/past_cache.h"
#include "exporter/serve/server.h"

namespace lookout {

class Routes {
 public:
  Routes(Backend& backend, const ServerOptions& options) : backend_(backend), options_(options) {}

  // The request must live until the answer is there.
  Task<Response> answer(const Request& request);

 private:
  // nullopt: not within the prefix, and `outside` is the answer.
  std::optional<std::string> within_prefix(const Request& request, Response& outside) const;
  Response answer_now(const Request& request, std::string_view path);

  Backend& backend_;
  const ServerOptions& options_;
  PastCache past_;
};

}  // namespace lookout
