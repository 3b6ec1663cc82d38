#include "exporter/serve/response_writer.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "exporter/serve/encoding.h"

namespace lookout {
namespace {

std::string_view date(ServerShared& shared) {
  return shared.date(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

// A chunk's size is written when its end is known, into digits that were left free; leading zeros are well
// (RFC 9112 section 7.1).
class Chunk {
 public:
  Chunk(std::string& out, bool framed) : out_(out), framed_(framed) {
    if (framed_) out_ += "00000000\r\n";
    start_ = out_.size();
  }
  void end() {
    if (!framed_) return;
    const std::size_t size = out_.size() - start_;
    if (size == 0) {
      out_.resize(start_ - kHead);  // an empty chunk would end the body
      return;
    }
    fmt::format_to_n(out_.data() + start_ - kHead, 8, FMT_STRING("{:08X}"), size);
    out_ += "\r\n";
  }

 private:
  static constexpr std::size_t kHead = 10;
  std::string& out_;
  bool framed_;
  std::size_t start_ = 0;
};

// Appends the next piece of the body; false: it was the last.
bool append_piece(Response& response, Gzip* gzip, bool chunked, std::string& out) {
  Chunk chunk(out, chunked);
  bool more = true;
  if (gzip == nullptr) {
    out += std::exchange(response.body, {});
    more = response.stream(out);
  } else {
    std::string piece = std::exchange(response.body, {});
    more = response.stream(piece);
    gzip->append(piece, out);
    if (!more) gzip->finish(out);
  }
  chunk.end();
  if (!more && chunked) out += "0\r\n\r\n";
  return more;
}

Task<bool> write_stream(ServerShared& shared, Connection& connection, const Request& request,
                        Response response, ResponseFraming framing) {
  framing.framing = request.http_1_1 ? BodyFraming::chunked : BodyFraming::until_close;
  framing.close = framing.close || !request.http_1_1;
  std::string out;
  append_head(out, response, framing, date(shared));
  if (request.method == "HEAD") co_return co_await connection.write(out) && request.http_1_1;
  const SteadyTime end = std::chrono::steady_clock::now() + shared.options.limits.stream_timeout;
  GzipPool::Loan gzip;
  if (framing.gzip) gzip = shared.compressors.take();
  for (;;) {
    const bool more = append_piece(response, gzip.get(), request.http_1_1, out);
    if (!co_await connection.write(out) || std::chrono::steady_clock::now() > end) co_return false;
    // A client of HTTP/1.0 knows the end of this body by the end of the connection.
    if (!more) co_return request.http_1_1;
    out.clear();
    co_await asio::post(shared.executor, use_task);  // whatever else waits for this loop comes first
  }
}

}  // namespace

Task<bool> write_response(ServerShared& shared, Connection& connection, const Request& request,
                          Response response, bool close) {
  ResponseFraming framing;
  framing.gzip = response.compressible && wants_gzip(request.accept_encoding);
  framing.close = close;
  framing.http_1_1 = request.http_1_1;
  if (response.stream) {
    co_return co_await write_stream(shared, connection, request, std::move(response), framing);
  }
  if (framing.gzip) {
    std::string zipped;
    const auto gzip = shared.compressors.take();
    gzip->append(response.body, zipped);
    gzip->finish(zipped);
    response.body = std::move(zipped);
  }
  framing.length = response.body.size();
  std::string out;
  out.reserve(512 + response.body.size());
  append_head(out, response, framing, date(shared));
  if (request.method != "HEAD") out += response.body;
  response.body = {};
  co_return co_await connection.write(out);
}

}  // namespace lookout
