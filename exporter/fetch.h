// One GET or POST for the commands that ask a running instance. Blocks.
#pragma once

#include <string>

namespace lookout {

struct Fetched {
  int status = 0;
  std::string body;
};

// Throws std::runtime_error that says what was in the way; any status is an answer.
// With user:password@ in the URL they are shown to the instance.
Fetched fetch(const std::string& url);
Fetched post_json(const std::string& url, std::string body);

}  // namespace lookout
