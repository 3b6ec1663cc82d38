#include "tests/support/http2_peer.h"

#include <nghttp2/nghttp2.h>

namespace lookout::test {
namespace {

std::string big_endian(std::size_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
  return out;
}

std::size_t from_big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::vector<std::pair<std::string, std::string>> inflate(std::string block) {
  std::vector<std::pair<std::string, std::string>> fields;
  nghttp2_hd_inflater* inflater = nullptr;
  nghttp2_hd_inflate_new(&inflater);
  auto* in = reinterpret_cast<std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater, &field, &flags, in, left, 1);
    if (used < 0) break;
    in += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_del(inflater);
  return fields;
}

std::string field_block(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string block;
  for (const auto& [name, value] : fields) block += http2_field(name, value);
  return block;
}

}  // namespace

std::string http2_frame(Http2 type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  return (big_endian(payload.size(), 3) + static_cast<char>(type) + static_cast<char>(flags) +
          big_endian(stream, 4))
      .append(payload);
}

std::string http2_field(std::string_view name, std::string_view value) {
  std::string out(1, '\0');
  for (std::string_view text : {name, value}) out.append(1, static_cast<char>(text.size())).append(text);
  return out;
}

std::string http2_greeting() {
  return http2_frame(Http2::settings, 0, 0, "") + http2_frame(Http2::settings, kAcknowledged, 0, "");
}

std::string http2_reset(std::uint32_t code) {
  return http2_frame(Http2::rst_stream, 0, 1, big_endian(code, 4));
}

std::string http2_goaway(std::uint32_t last_stream, std::uint32_t code) {
  return http2_frame(Http2::goaway, 0, 0, big_endian(last_stream, 4) + big_endian(code, 4));
}

std::string Http2Request::all(std::string_view name) const {
  std::string values;
  for (const auto& [key, value] : fields) {
    if (key == name) values += (values.empty() ? "" : "|") + value;
  }
  return values;
}

Http2Request read_http2_request(Peer& peer) {
  Http2Request request;
  peer.expect("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  for (bool ended = false; !ended;) {
    const std::string head = peer.read_exactly(9);
    const std::size_t size = from_big_endian(head.substr(0, 3));
    const std::string payload = size == 0 ? "" : peer.read_exactly(size);
    const auto type = static_cast<Http2>(head[3]);
    if (type == Http2::headers) {
      request.head_frame = payload;
      request.fields = inflate(payload);
    }
    if (type == Http2::data) request.body += payload;
    ended = (type == Http2::headers || type == Http2::data) && (head[4] & kEndStream) != 0;
  }
  return request;
}

std::string grpc_response(const GrpcReply& reply) {
  const bool body = !reply.message.empty(), trailers = !reply.trailers.empty();
  const auto flags = [](bool last) { return static_cast<std::uint8_t>(last ? kEndStream : 0); };
  std::string frames = http2_greeting();
  frames += http2_frame(Http2::headers, kEndHeaders | flags(!body && !trailers), 1, field_block(reply.head));
  if (body) frames += http2_frame(Http2::data, flags(!trailers), 1, reply.message);
  if (trailers)
    frames += http2_frame(Http2::headers, kEndHeaders | kEndStream, 1, field_block(reply.trailers));
  return frames;
}

std::string grpc_message(std::string_view message) {
  return (std::string(1, '\0') + big_endian(message.size(), 4)).append(message);
}

GrpcReply health(int serving_status) {
  return {.message = grpc_message(std::string("\x08") + static_cast<char>(serving_status))};
}

}  // namespace lookout::test
