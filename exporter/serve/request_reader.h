// From bytes to one Request, within limits; strict where leniency lets requests be smuggled (RFC 9112
// section 11.2). The grammar is Beast's, included in request_reader.cc only. Does no I/O and asks no clock.
#pragma once

#include <memory>
#include <string_view>

#include "exporter/serve/http_message.h"
#include "exporter/serve/input_buffer.h"

namespace lookout {

class RequestReader {
 public:
  RequestReader(std::size_t header_limit, std::size_t body_limit);
  ~RequestReader();

  enum class Progress {
    need_more,
    continue_expected,  // as need_more, but the client waits for 100 Continue before it sends its body; said
                        // once
    complete,
    failed,
  };
  // Takes from the front of the buffer what belongs to this request. Not to be called after complete or
  // failed.
  Progress advance(InputBuffer& input);

  Request take();  // once complete
  // Why it failed: a status, and a sentence for the client.
  int status() const { return status_; }
  std::string_view reason() const { return reason_; }

 private:
  class Parser;
  Progress fail(int status, std::string_view reason);
  Progress advance_head(InputBuffer& input);
  Progress advance_body(InputBuffer& input);

  std::size_t header_limit_;
  std::size_t scanned_ = 0;
  static constexpr int kMaximumBlankLines = 4;
  int blank_lines_ = 0;
  bool skipped_blank_ = false;
  bool continue_sent_ = false;
  std::unique_ptr<Parser> parser_;
  int status_ = 0;
  std::string_view reason_;
};

}  // namespace lookout
