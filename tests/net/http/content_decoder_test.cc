#include "probes/net/content_decoder.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/net/http/http_fixture.h"

namespace lookout::test {
namespace {

// What becomes of a body that arrives in pieces of this size, with this much room for what it decodes to.
std::string decoded(std::string_view coding, std::string_view body, std::size_t piece,
                    std::size_t room_size) {
  const std::unique_ptr<ContentDecoder> decoder = ContentDecoder::of(coding);
  std::string out, room(room_size, '\0');
  while (!body.empty()) {
    std::string_view input = body.substr(0, piece);
    body.remove_prefix(input.size());
    for (bool more = true; more;) {
      std::span<char> output(room);
      if (!decoder->decode(input, output)) return out + "!broken";
      out.append(room, 0, room.size() - output.size());
      more = !input.empty() || output.empty();
    }
  }
  return decoder->complete() ? out : out + "!cut";
}

std::string text() {
  std::string out;
  for (int i = 0; i < 300; ++i) out += "line " + std::to_string(i * 7919) + "\n";
  return out;
}

std::string brotli() { return std::string("\x8b\x36\x80") + std::string(110, 'x') + "\x03"; }  // stored

TEST(ContentDecoder, takes_bodies_in_any_pieces) {
  for (const std::size_t piece : {1, 7, 100'000}) {
    for (const std::size_t room : {1, 100, 100'000}) {
      EXPECT_EQ(decoded("gzip", gzipped(text()), piece, room), text()) << piece << ' ' << room;
      EXPECT_EQ(decoded("gzip", gzipped(text()) + gzipped("more"), piece, room), text() + "more");
      EXPECT_EQ(decoded("deflate", raw_deflated(text()), piece, room), text());
      EXPECT_EQ(decoded("deflate", zlib_deflated(text()), piece, room), text());
      EXPECT_EQ(decoded("br", brotli(), piece, room), std::string(110, 'x'));
    }
  }
}

TEST(ContentDecoder, knows_a_body_that_is_cut) {
  for (const char* coding : {"gzip", "deflate", "br"})
    EXPECT_EQ(decoded(coding, "", 10, 10), "!cut") << coding;
  for (const std::size_t left : {1, 5, 12, 200}) {
    EXPECT_TRUE(decoded("gzip", gzipped(text()).substr(0, left), 10, 100).ends_with("!cut")) << left;
    EXPECT_TRUE(decoded("gzip", gzipped("one") + gzipped(text()).substr(0, left), 10, 100).ends_with("!cut"))
        << left;
    EXPECT_TRUE(decoded("deflate", raw_deflated(text()).substr(0, left), 10, 100).ends_with("!cut")) << left;
  }
  EXPECT_TRUE(decoded("br", brotli().substr(0, 50), 10, 100).ends_with("!cut"));
}

TEST(ContentDecoder, knows_a_body_that_is_broken) {
  std::string checksum = gzipped(text());
  checksum[checksum.size() - 8] ^= 1;
  for (const std::string& body :
       {std::string("plain text"), checksum, gzipped("x") + "rubbish", raw_deflated(text())})
    EXPECT_TRUE(decoded("gzip", body, 10, 100).ends_with("!broken")) << body.substr(0, 5);
  EXPECT_TRUE(decoded("br", brotli() + "x", 1000, 1000).ends_with("!broken"));
  EXPECT_TRUE(decoded("deflate", gzipped(text()), 10, 100).ends_with("!broken"));
}

// As blackbox_exporter has it.
TEST(ContentDecoder, does_not_look_at_what_follows_deflate) {
  EXPECT_EQ(decoded("deflate", raw_deflated("text") + "rubbish", 3, 100), "text");
}

TEST(ContentDecoder, knows_no_other_coding) {
  for (const char* coding : {"", "identity", "zstd", "GZIP"})
    EXPECT_EQ(ContentDecoder::of(coding), nullptr) << coding;
}

}  // namespace
}  // namespace lookout::test
