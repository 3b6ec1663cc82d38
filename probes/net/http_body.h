// Takes a response's body as it comes off the wire: decodes, counts and keeps it, and holds it to the
// request's limits. A few bytes may decode to gigabytes, so what is encoded waits until its transfer has it
// decoded, slice by slice. Belongs to one transfer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "probes/net/content_decoder.h"

namespace lookout {

struct HttpRequest;
struct HttpResponse;

class HttpBodyReader {
 public:
  enum class State { well, too_large, undecodable };

  HttpBodyReader(const HttpRequest& request, HttpResponse& response);

  State take(std::string_view data);
  // Whether something waits for decode_slice(), and whether that is so much that no more should be taken
  // before.
  bool behind() const { return !waiting_.empty() || more_to_come_; }
  bool full() const { return waiting_.size() >= kMostWaiting; }
  State decode_slice();
  // Whether the body may end here.
  bool complete() const { return !decoder_ || (!behind() && decoder_->complete()); }

 private:
  static constexpr std::size_t kMostWaiting = 256 * 1024;

  State take_decoded(std::string_view data);

  const HttpRequest& request_;
  HttpResponse& response_;
  std::unique_ptr<ContentDecoder> decoder_;  // nullptr: the body is taken as it comes
  std::string waiting_;
  bool more_to_come_ = false;  // of what the decoder took already
};

}  // namespace lookout
