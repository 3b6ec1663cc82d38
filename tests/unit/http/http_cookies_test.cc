#include "probes/http/http_cookies.h"

#include <gtest/gtest.h>

#include "probes/net/http_transfers.h"

namespace lookout {
namespace {

const WallTime kNow{std::chrono::seconds(1'000'000'000)};

HttpUrl url(const char* text) { return *parse_url(text); }

// What a response of `from` with these cookies makes a request to `to` carry.
std::string carried(const char* from, std::vector<const char*> cookies, const char* to,
                    WallTime later = kNow) {
  CookieJar jar;
  HttpResponse response;
  for (const char* cookie : cookies) response.headers.push_back({"set-cookie", cookie});
  jar.take(response, url(from), url(from).host, kNow);
  return jar.matching(url(to), url(to).host, later);
}

TEST(CookieJar, hosts) {
  EXPECT_EQ(carried("http://a.test/", {"x=1"}, "http://a.test/"), "x=1");
  EXPECT_EQ(carried("http://A.test/", {"x=1"}, "http://a.TEST:81/"), "x=1");
  EXPECT_EQ(carried("http://a.test/", {"x=1"}, "http://b.a.test/"), "");
  EXPECT_EQ(carried("http://a.b.test/", {"x=1; Domain=b.test"}, "http://c.b.test/"), "x=1");
  EXPECT_EQ(carried("http://a.b.test/", {"x=1; domain=.B.Test"}, "http://b.test/"), "x=1");
  EXPECT_EQ(carried("http://a.b.test/", {"x=1; Domain=a.b.test"}, "http://d.a.b.test/"), "x=1");
  EXPECT_EQ(carried("http://a.b.test/", {"x=1; Domain=b.test"}, "http://evilb.test/"), "");
  EXPECT_EQ(carried("http://a.b.test/", {"x=1; Domain=c.test"}, "http://c.test/"), "");
  EXPECT_EQ(carried("http://b.test/", {"x=1; Domain=a.b.test"}, "http://a.b.test/"), "");
}

TEST(CookieJar, public_suffixes) {
  EXPECT_EQ(carried("http://a.co.uk/", {"x=1; Domain=co.uk"}, "http://b.co.uk/"), "");
  EXPECT_EQ(carried("http://a.co.uk/", {"x=1; Domain=co.uk"}, "http://a.co.uk/"), "");
  EXPECT_EQ(carried("http://me.github.io/", {"x=1; Domain=github.io"}, "http://you.github.io/"), "");
  EXPECT_EQ(carried("http://a.example.co.uk/", {"x=1; Domain=example.co.uk"}, "http://b.example.co.uk/"),
            "x=1");
  EXPECT_EQ(carried("http://github.io/", {"x=1; Domain=github.io"}, "http://github.io/"), "x=1");
  EXPECT_EQ(carried("http://github.io/", {"x=1; Domain=github.io"}, "http://you.github.io/"), "");
}

TEST(CookieJar, addresses) {
  EXPECT_EQ(carried("http://127.0.0.1/", {"x=1"}, "http://127.0.0.1/"), "x=1");
  EXPECT_EQ(carried("http://127.0.0.1/", {"x=1; Domain=127.0.0.1"}, "http://127.0.0.1/"), "x=1");
  EXPECT_EQ(carried("http://127.0.0.1/", {"x=1; Domain=0.0.1"}, "http://127.0.0.1/"), "");
  EXPECT_EQ(carried("http://127.0.0.1/", {"x=1"}, "http://localhost/"), "");
  EXPECT_EQ(carried("http://[::1]/", {"x=1"}, "http://[::1]/"), "x=1");
}

TEST(CookieJar, paths) {
  EXPECT_EQ(carried("http://a.test/one/two?q", {"x=1"}, "http://a.test/one/three"), "x=1");
  EXPECT_EQ(carried("http://a.test/one/two", {"x=1"}, "http://a.test/one"), "x=1");
  EXPECT_EQ(carried("http://a.test/one/two", {"x=1"}, "http://a.test/onetwo"), "");
  EXPECT_EQ(carried("http://a.test/one/two", {"x=1; Path=/"}, "http://a.test/x"), "x=1");
  EXPECT_EQ(carried("http://a.test/", {"x=1; Path=relative"}, "http://a.test/x"), "x=1");
  EXPECT_EQ(
      carried("http://a.test/a/b/c", {"w=0; Path=/", "x=1; Path=/a/b", "y=2; Path=/a"}, "http://a.test/a/b/"),
      "x=1; y=2; w=0");
}

TEST(CookieJar, secure_ones_stay_in_tls) {
  EXPECT_EQ(carried("https://a.test/", {"x=1; Secure"}, "https://a.test/"), "x=1");
  EXPECT_EQ(carried("https://a.test/", {"x=1; secure"}, "http://a.test/"), "");
  EXPECT_EQ(carried("http://localhost/", {"x=1; Secure"}, "http://localhost/"), "x=1");
  EXPECT_EQ(carried("http://127.0.0.1/", {"x=1; Secure"}, "http://127.0.0.1/"), "x=1");
}

TEST(CookieJar, expiry) {
  using std::chrono::seconds;
  EXPECT_EQ(carried("http://a.test/", {"x=1; Max-Age=10"}, "http://a.test/", kNow + seconds(9)), "x=1");
  EXPECT_EQ(carried("http://a.test/", {"x=1; Max-Age=10"}, "http://a.test/", kNow + seconds(11)), "");
  EXPECT_EQ(carried("http://a.test/", {"x=1", "x=2; Max-Age=0"}, "http://a.test/"), "");
  EXPECT_EQ(carried("http://a.test/", {"x=1", "x=2; Max-Age=-5"}, "http://a.test/"), "");
  EXPECT_EQ(carried("http://a.test/", {"x=1; Max-Age=ten"}, "http://a.test/"), "x=1");
  EXPECT_EQ(carried("http://a.test/", {"x=1; Max-Age=99999999999999999999"}, "http://a.test/"), "x=1");
  EXPECT_EQ(carried("http://a.test/", {"x=1; Expires=Sun, 09 Sep 2001 01:46:41 GMT"}, "http://a.test/"),
            "x=1");
  EXPECT_EQ(carried("http://a.test/", {"x=1; Expires=Sun, 09 Sep 2001 01:46:39 GMT"}, "http://a.test/"), "");
  EXPECT_EQ(
      carried("http://a.test/", {"x=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, "http://a.test/"),
      "x=1");
}

TEST(CookieJar, forms) {
  EXPECT_EQ(carried("http://a.test/", {"x=1", "y=2", "x=3"}, "http://a.test/"), "x=3; y=2");
  EXPECT_EQ(carried("http://a.test/", {" x = a b ; HttpOnly; SameSite=Strict", "y=", "=z", "alone", ""},
                    "http://a.test/"),
            "x=a b; y=");
  EXPECT_EQ(carried("http://a.test/", {"x=a=b"}, "http://a.test/"), "x=a=b");
}

TEST(CookieJar, has_limits) {
  CookieJar jar;
  HttpResponse response;
  for (int i = 0; i < 1000; ++i) response.headers.push_back({"Set-Cookie", std::to_string(i) + "=v"});
  response.headers.push_back({"Set-Cookie", "0=" + std::string(CookieJar::kMaximumCookie, 'x')});
  jar.take(response, url("http://a.test/"), "a.test", kNow);
  const std::string all = jar.matching(url("http://a.test/"), "a.test", kNow);
  EXPECT_EQ(std::count(all.begin(), all.end(), '='), static_cast<int>(CookieJar::kMaximumCookies));
  EXPECT_TRUE(all.starts_with("0=v; "));
}

TEST(CookieDate, many_forms) {
  constexpr double kDate = 784111777;
  EXPECT_EQ(parse_cookie_date("Sun, 06 Nov 1994 08:49:37 GMT"), kDate);
  EXPECT_EQ(parse_cookie_date("Sunday, 06-Nov-94 08:49:37 GMT"), kDate);
  EXPECT_EQ(parse_cookie_date("Sun Nov  6 08:49:37 1994"), kDate);
  EXPECT_EQ(parse_cookie_date("06-Nov-1994 8:49:37"), kDate);
  EXPECT_EQ(parse_cookie_date("november 6 1994 08:49:37 whatever"), kDate);
  EXPECT_EQ(parse_cookie_date("Thu, 01 Jan 70 00:00:00"), 0);
  for (const char* text : {"", "yesterday", "06 Nov 1994", "32 Nov 1994 08:49:37", "06 Nov 1994 24:49:37",
                           "06 Nov 1500 08:49:37", "06 Foo 1994 08:49:37"}) {
    EXPECT_EQ(parse_cookie_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace lookout
