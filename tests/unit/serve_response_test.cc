// Heads of responses, the choice of an encoding, gzip.
#include <gtest/gtest.h>
#include <zlib.h>

#include "exporter/serve/encoding.h"
#include "exporter/serve/http_message.h"

namespace lookout {
namespace {

TEST(ServeEncoding, ChoosesGzipWhenItIsWanted) {
  const std::pair<std::string_view, bool> cases[]{
      {"", false},
      {"gzip", true},
      {"GZip", true},
      {"x-gzip", true},
      {"deflate, gzip;q=1.0, *;q=0.5", true},
      {"gzip;q=0", false},
      {"gzip; q=0.000", false},
      {"gzip;q=0.001", true},
      {"gzip ; Q=0.5 , identity;q=0.4", true},
      {"gzip;q=0.4, identity;q=0.5", false},
      {"gzip;q=0.5, identity;q=0.5", true},
      {"identity", false},
      {"identity;q=0", false},
      {"identity;q=0, gzip", true},
      {"*", true},
      {"*;q=0", false},
      {"*, gzip;q=0", false},
      {"*;q=0, gzip", true},
      {"gzip;q=nonsense", false},
      {"gzip;q=2", false},
      {"notgzip", false},
      {"zstd, br", false},
      {",,gzip,", true},
      {";q=1", false},
  };
  for (const auto& [header, wanted] : cases) EXPECT_EQ(wants_gzip(header), wanted) << header;
}

std::string gunzip(const std::string& zipped) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 22, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(ServeEncoding, GzipsTheSameStateAgainAndAgain) {
  GzipPool pool;
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 2654435761U) + '\n';
  for (const std::string& part : {std::string(), std::string("x"), text, std::string("short again")}) {
    std::string zipped;
    const auto gzip = pool.take();
    for (std::size_t at = 0; at < part.size(); at += 70000)
      gzip->append(std::string_view(part).substr(at, 70000), zipped);
    gzip->finish(zipped);
    EXPECT_EQ(gunzip(zipped), part);
  }
  const auto one = pool.take(), two = pool.take();
  EXPECT_NE(one.get(), two.get());
}

TEST(ServeResponse, WritesItsHead) {
  Response response = error_response(404, "404 page not found");
  std::string out;
  append_head(out, response, {BodyFraming::length, 19, false, false, true}, "Mon, 23 Nov 2026 08:26:10 GMT");
  EXPECT_EQ(out,
            "HTTP/1.1 404 Not Found\r\nDate: Mon, 23 Nov 2026 08:26:10 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: "
            "19\r\n\r\n");
  response = text_response(200, "x");
  response.compressible = true;
  out.clear();
  append_head(out, response, {BodyFraming::chunked, 0, true, true, true}, "D");
  EXPECT_EQ(
      out,
      "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Encoding: gzip\r\n"
      "Vary: Accept-Encoding\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  out.clear();
  append_head(out, text_response(200, ""), {BodyFraming::length, 0, false, false, false}, "D");
  EXPECT_NE(out.find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST(ServeResponse, WritesDates) {
  EXPECT_EQ(http_date(1795422370), "Mon, 23 Nov 2026 08:26:10 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace lookout
