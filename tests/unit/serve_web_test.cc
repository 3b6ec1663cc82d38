// The pure parts behind --web.config.file, and what a listen address may be.
#include <gtest/gtest.h>

#include "exporter/serve/listen_address.h"
#include "exporter/serve/password_check.h"
#include "exporter/serve/query.h"
#include "exporter/serve/token_bucket.h"

namespace lookout {
namespace {

constexpr const char* kHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";  // "secret"

TEST(PasswordCheck, TakesEveryVariantOfBcrypt) {
  for (const char variant : {'a', 'b', 'x', 'y'}) {
    std::string hash = kHash;
    hash[2] = variant;
    EXPECT_EQ(what_is_wrong_with_hash(hash), std::nullopt) << variant;
    EXPECT_TRUE(password_fits("secret", hash)) << variant;
    EXPECT_FALSE(password_fits("Secret", hash)) << variant;
    EXPECT_FALSE(password_fits(std::string("secret\0more", 11), hash)) << variant;
  }
}

TEST(PasswordCheck, RefusesWhatIsNoHashOrTakesForever) {
  const std::string hash = kHash;
  for (const std::string& bad :
       {std::string(), std::string("secret"), hash + "x", hash.substr(1), "$1$" + hash.substr(3),
        "$2b$0x" + hash.substr(6), "$2b$03" + hash.substr(6), "$2b$32" + hash.substr(6),
        "$2b$19" + hash.substr(6), hash.substr(0, 59) + "!"}) {
    EXPECT_NE(what_is_wrong_with_hash(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(what_is_wrong_with_hash("$2b$18" + hash.substr(6)), std::nullopt);
}

TEST(PasswordCheck, ReadsBasicAuthentication) {
  const auto read = [](std::string_view text) {
    const auto credentials = parse_basic_auth(text);
    return credentials ? credentials->user + " " + credentials->password : "none";
  };
  EXPECT_EQ(read("Basic YWxpY2U6c2VjcmV0"), "alice secret");
  EXPECT_EQ(read("bAsIc YWxpY2U6YTpiOmM="), "alice a:b:c");
  EXPECT_EQ(read("Basic Og=="), " ");
  for (const std::string_view bad : {"", "Basic", "Basic ", "Bearer YWxpY2U6c2VjcmV0", "Basic YWxpY2U",
                                     "Basic ****", "Basic YWxpY2U=", "Basic ===="}) {
    EXPECT_EQ(read(bad), "none") << bad;
  }
}

TEST(TokenBucket, AllowsABurstAndThenOneForEachInterval) {
  using std::chrono::milliseconds;
  const SteadyTime start{};
  TokenBucket bucket(milliseconds(100), 2, start);
  EXPECT_TRUE(bucket.take(start));
  EXPECT_TRUE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start + milliseconds(99)));
  EXPECT_TRUE(bucket.take(start + milliseconds(101)));
  EXPECT_FALSE(bucket.take(start + milliseconds(101)));
  EXPECT_TRUE(bucket.take(start + milliseconds(10'000)));
  EXPECT_TRUE(bucket.take(start + milliseconds(10'000)));
  EXPECT_FALSE(bucket.take(start + milliseconds(10'000))) << "no more than the burst is saved up";
  TokenBucket unlimited(Duration(), 0, start);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(unlimited.take(start));
}

TEST(ServeListen, CountsTheSocketsMeantForThisProcess) {
  EXPECT_EQ(inherited_count("7", "2", 7), 2);
  EXPECT_EQ(inherited_count("8", "2", 7), 0);
  for (const char* none : {static_cast<const char*>(nullptr), "", "x", "-1", "2x"}) {
    EXPECT_EQ(inherited_count("7", none, 7), 0);
    EXPECT_EQ(inherited_count(none, "2", 7), 0);
  }
}

TEST(ServeListen, RefusesAVsockAddressWithoutAPort) {
  asio::io_context loop;
  for (const std::string bad :
       {"vsock://", "vsock://9115", "vsock://:", "vsock://:x", "vsock://:4294967296"}) {
    try {
      listen_on(loop.get_executor(), bad);
      ADD_FAILURE() << bad;
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "cannot listen on " + bad + ": write vsock://:PORT");
    }
  }
}

TEST(ServeQuery, CleansPathsAsGoDoes) {
  for (const auto& [path, clean] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{{"/", "/"},
                                                                            {"//", "/"},
                                                                            {"/a//b", "/a/b"},
                                                                            {"/a/./b/", "/a/b/"},
                                                                            {"/a/../../b", "/b"},
                                                                            {"/a/.", "/a"},
                                                                            {"/..", "/"},
                                                                            {"/a%2F..", "/a%2F.."},
                                                                            {"/...", "/..."}}) {
    EXPECT_EQ(clean_path(path), clean) << path;
  }
}

}  // namespace
}  // namespace lookout
