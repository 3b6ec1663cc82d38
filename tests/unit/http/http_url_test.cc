#include "probes/net/http_url.h"

#include <gtest/gtest.h>

#include "probes/http/http_date.h"
#include "probes/http/http_request.h"

namespace lookout {
namespace {

// scheme|userinfo|authority|host|port|path
std::string shown(const std::optional<HttpUrl>& url) {
  if (!url) return "none";
  return url->scheme + '|' + url->userinfo + '|' + url->authority + '|' + url->host + '|' +
         std::to_string(url->port) + '|' + url->path;
}

TEST(HttpUrl, targets) {
  const std::pair<const char*, const char*> rows[] = {
      {"http://example.com", "http||example.com|example.com|80|/"},
      {"example.com/x", "http||example.com|example.com|80|/x"},
      {"localhost:8080", "http||localhost:8080|localhost|8080|/"},
      {"HtTpS://EXAMPLE.com", "https||EXAMPLE.com|EXAMPLE.com|443|/"},
      {"https://u:p%40@h:1/p?q#f", "https|u:p@|h:1|h|1|/p?q"},
      {"http://a@b@c/", "http|a@b|c|c|80|/"},
      {"http://[::1]:90/", "http||[::1]:90|::1|90|/"},
      {"http://[::1]", "http||[::1]|::1|80|/"},
      {"http://[fe80::1%25eth0]/", "http||[fe80::1%25eth0]|fe80::1%eth0|80|/"},
      {"http://host:/", "http||host|host|80|/"},
      {"http://host?q", "http||host|host|80|/?q"},
      {"http://host/a b", "http||host|host|80|/a%20b"},
      {"http://host/%41", "http||host|host|80|/%41"},
      {"invalid://x", "http||invalid|invalid|80|//x"},
      {"http:///path", "http||||80|/path"},
      {"http://host:0/", "http||host:0|host|0|/"},
      {"http://host:65536/", "http||host:65536|host|0|/"},
      {"http://host:-1/", "none"},
      {"http://host:8x/", "none"},
      {"http://[::1/", "none"},
      {"http://[::1]x/", "none"},
      {"http://ba%zzd/", "none"},
      {"http://host/%", "none"},
      {"http://host/%4", "none"},
      {"http://ho st/", "none"},
      {"http://host/\r\nX: y", "none"},
      {"http://host%0d%0a/", "none"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(shown(parse_http_target(text)), expected) << text;
}

TEST(HttpUrl, references) {
  const std::optional<HttpUrl> base = parse_url("http://u@h:81/a/b/c?q");
  ASSERT_TRUE(base);
  const std::pair<const char*, const char*> rows[] = {
      {"d", "http|u|h:81|h|81|/a/b/d"},
      {"/d", "http|u|h:81|h|81|/d"},
      {"./d", "http|u|h:81|h|81|/a/b/d"},
      {"../d", "http|u|h:81|h|81|/a/d"},
      {"../../../../d", "http|u|h:81|h|81|/d"},
      {"d/./e/..", "http|u|h:81|h|81|/a/b/d/"},
      {"/..", "http|u|h:81|h|81|/"},
      {"?x=/../y", "http|u|h:81|h|81|/a/b/c?x=/../y"},
      {"#top", "http|u|h:81|h|81|/a/b/c?q"},
      {"", "http|u|h:81|h|81|/a/b/c?q"},
      {"//other/x", "http||other|other|80|/x"},
      {"https://other", "https||other|other|443|/"},
      {"ftp://other/", "ftp||other|other|0|/"},
      {"file:///etc/passwd", "file||||0|/etc/passwd"},
      {"http://other:99999/", "http||other:99999|other|0|/"},
      {"http://[bad", "none"},
      {"mailto:x", "none"},
      {"/bad%", "none"},
      {"/new\nline", "none"},
  };
  for (const auto& [text, expected] : rows)
    EXPECT_EQ(shown(resolve_reference(*base, text)), expected) << text;
}

TEST(HttpUrl, with_a_host_and_a_port_to_connect_to) {
  for (const char* text :
       {"http://", "http:///path", "http://host:0/", "http://host:65536/", "socks5://[::1]:70000"})
    EXPECT_EQ(parse_url(text), std::nullopt) << text;
  for (const char* text :
       {"http://host", "http://host:/", "socks5://host", "socks5://[::1]", "http://[::1]:1"})
    EXPECT_TRUE(parse_url(text)) << text;
}

TEST(HttpHost, without_its_port) {
  EXPECT_EQ(host_without_port("name:80"), "name");
  EXPECT_EQ(host_without_port("name"), "name");
  EXPECT_EQ(host_without_port("[::1]:80"), "::1");
  EXPECT_EQ(host_without_port("::1"), "::1");
  EXPECT_EQ(host_without_port("["), "");
}

TEST(HttpDate, three_forms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), 784111777);
  for (const char* bad :
       {"", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06T08:49:37Z",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT"}) {
    EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
  }
}

HttpResponse redirect(int status, const char* location) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Location", location}};
  return response;
}

TEST(HttpHops, credentials_stay_within_their_domain) {
  HttpConfig config;
  const HttpHop first = first_hop(config, *parse_url("https://example.com/"), "");
  const std::pair<const char*, bool> rows[] = {
      {"/x", true},
      {"https://example.com:8443/", true},
      {"https://EXAMPLE.com/", true},
      {"https://sub.example.com/", true},
      {"https://notexample.com/", false},
      {"https://com/", false},
      {"//evil.test/", false},
  };
  for (const auto& [location, kept] : rows)
    EXPECT_EQ(next_hop(first, first, redirect(302, location))->with_credentials, kept) << location;
  // Once away, they do not come back.
  const HttpHop away = *next_hop(first, first, redirect(302, "https://evil.test/"));
  EXPECT_FALSE(next_hop(away, first, redirect(302, "https://example.com/"))->with_credentials);
  // An address has no names below it.
  const HttpHop address = first_hop(config, *parse_url("http://0.0.1/"), "");
  EXPECT_FALSE(next_hop(address, address, redirect(302, "http://127.0.0.1/"))->with_credentials);
}

TEST(HttpHops, names) {
  HttpConfig config;
  config.headers = {{"host", "vhost.test:8443"}};
  const HttpUrl url = *parse_url("https://example.com:444/");
  EXPECT_EQ(first_hop(config, url, "").host_header, "vhost.test:8443");
  EXPECT_EQ(first_hop(config, url, "").tls_name, "vhost.test");
  EXPECT_EQ(first_hop(HttpConfig(), url, "param.test").tls_name, "param.test");
  config.client.tls_config.server_name = "configured.test";
  const HttpHop first = first_hop(config, url, "param.test");
  EXPECT_EQ(first.tls_name, "configured.test");
  EXPECT_EQ(first.host_header, "param.test");
  EXPECT_EQ(next_hop(first, first, redirect(302, "/x"))->tls_name, "configured.test");
  EXPECT_EQ(next_hop(first, first, redirect(302, "/x"))->host_header, "param.test");
  EXPECT_EQ(next_hop(first, first, redirect(302, "https://else.test/"))->tls_name, "else.test");
  EXPECT_EQ(next_hop(first, first, redirect(302, "https://example.com:444/"))->tls_name, "configured.test");
  EXPECT_EQ(next_hop(first, first, redirect(302, "http://example.com/"))->referer, "");
  const HttpHop elsewhere = *next_hop(first, first, redirect(302, "https://else.test/"));
  EXPECT_EQ(next_hop(elsewhere, first, redirect(302, "https://example.com:444/"))->tls_name,
            "configured.test");
}

TEST(HttpHops, with_http3_every_target_means_https) {
  HttpConfig config;
  EXPECT_EQ(shown(target_url(config, "HtTp://h:1/x")), "http||h:1|h|1|/x");
  config.enable_http3 = true;
  EXPECT_EQ(shown(target_url(config, "HtTp://h:1/x")), "https||h:1|h|1|/x");
  EXPECT_EQ(shown(target_url(config, "http://u:p@h")), "https|u:p|h|h|443|/");
  EXPECT_EQ(shown(target_url(config, "h:1")), "https||h:1|h|1|/");
  EXPECT_EQ(shown(target_url(config, "HTTPS://h")), "https||h|h|443|/");
  EXPECT_EQ(shown(target_url(config, "")), shown(parse_http_target("https://")));
}

TEST(HttpHops, body_from_a_file_is_not_sent_twice) {
  HttpConfig config;
  config.body_file = "body";
  EXPECT_FALSE(can_redirect(config, redirect(307, "/")));
  EXPECT_TRUE(can_redirect(config, redirect(302, "/")));
  EXPECT_FALSE(asks_for_redirect(redirect(304, "/")));
  EXPECT_FALSE(asks_for_redirect(redirect(302, "")));
}

}  // namespace
}  // namespace lookout
