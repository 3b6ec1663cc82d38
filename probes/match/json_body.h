// Reads a JSON document into values of CEL, piece by piece, so that a large one does not hold up a loop: feed
// it slices, finish, take the value. Numbers become doubles, as cel-go has it. Bounded in depth and memory.
// Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "probes/match/cel_value.h"

namespace lookout {

class JsonBody {
 public:
  static constexpr std::size_t kDeepest = 500;
  static constexpr std::size_t kMostMemory = 32 * 1024 * 1024;  // of the values, not of the text

  JsonBody();
  ~JsonBody();
  JsonBody(const JsonBody&) = delete;
  JsonBody& operator=(const JsonBody&) = delete;

  // False: the document is no JSON or too much of it, and what follows counts for nothing.
  bool feed(std::string_view slice);
  // After the last slice.
  cel::Result<cel::Value> finish();

 private:
  struct Reading;
  std::unique_ptr<Reading> reading_;
};

// At once, for documents that are known to be small.
cel::Result<cel::Value> parse_json(std::string_view text);

}  // namespace lookout
