#include "probes/net/http_body.h"

#include <algorithm>
#include <array>

#include "probes/net/http_transfers.h"

namespace lookout {
namespace {

// Of either side of the decoder: well below a millisecond.
constexpr std::size_t kSlice = 64 * 1024;

}  // namespace

HttpBodyReader::HttpBodyReader(const HttpRequest& request, HttpResponse& response)
    : request_(request), response_(response), decoder_(ContentDecoder::of(request.decode)) {}

HttpBodyReader::State HttpBodyReader::take(std::string_view data) {
  if (!decoder_) return take_decoded(data);
  waiting_.append(data);
  return State::well;
}

HttpBodyReader::State HttpBodyReader::decode_slice() {
  std::array<char, kSlice> decoded;
  std::string_view input = std::string_view(waiting_).substr(0, kSlice);
  const std::size_t offered = input.size();
  std::span<char> room(decoded);
  const bool sound = decoder_->decode(input, room);
  waiting_.erase(0, offered - input.size());
  more_to_come_ = room.empty();
  const State state = take_decoded(std::string_view(decoded.data(), decoded.size() - room.size()));
  return sound || state != State::well ? state : State::undecodable;
}

HttpBodyReader::State HttpBodyReader::take_decoded(std::string_view data) {
  const std::uint64_t room = request_.body_limit - response_.body_size;
  const std::string_view taken =
      data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, data.size())));
  response_.body_size += taken.size();
  if (request_.keep_body) response_.body.append(taken);
  return taken.size() < data.size() ? State::too_large : State::well;
}

}  // namespace lookout
