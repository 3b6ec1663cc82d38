// The dns kind over HTTPS (RFC 8484), by HTTP/1.1 and by HTTP/2.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/dns_fixture.h"
#include "tests/support/http2_peer.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

const std::string kType = "application/dns-message";

// The question made an answer without records.
std::string answered(std::string query) {
  query.at(2) |= static_cast<char>(0x80);
  return query;
}

std::string http_reply(const std::string& status, const std::string& type, const std::string& body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status, type,
                     body.size(), body);
}

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

class DnsOverHttps : public ::testing::Test {
 protected:
  Conversed ask_over_https(ScriptedServer::Script script, const std::string& path = {},
                           Duration timeout = seconds(5), const Identity* identity = nullptr) {
    const ServerTls tls{.identity = identity != nullptr ? *identity : certificates.good(), .alpn = alpn};
    ScriptedServer server(std::move(script), {.tls = &tls});
    DnsConfig config = dns_config("udp");
    config.dns_over_https = true;
    config.tls_config.ca_file = certificates.authority_file();
    port = server.port();
    return ask(config, (path.empty() ? "" : "https://") + server.address() + path, timeout);
  }
  // With a server that takes one request and says this.
  Conversed answering(const std::string& reply, void (Peer::*then)() = &Peer::wait_for_close,
                      Duration timeout = seconds(5)) {
    return ask_over_https(
        [=](Peer& peer) {
          peer.read_request();
          peer.send(reply);
          (peer.*then)();
        },
        {}, timeout);
  }

  TestCertificates certificates;
  std::vector<std::string> alpn = {"http/1.1"};
  std::uint16_t port = 0;
};

TEST_F(DnsOverHttps, a_question_by_http_1) {
  std::string seen;
  const Conversed result = ask_over_https([&seen](Peer& peer) {
    seen = peer.read_request();
    peer.send(http_reply("200 OK", kType, answered(body_of(seen))));
    peer.wait_for_close();
  });
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_THAT(seen, ::testing::StartsWith("POST /dns-query HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr(fmt::format("Host: 127.0.0.1:{}\r\n", port)));
  EXPECT_THAT(seen, HasSubstr("Content-Type: application/dns-message\r\n"));
  EXPECT_THAT(seen, HasSubstr("Accept: application/dns-message\r\n"));
  EXPECT_EQ(body_of(seen).substr(0, 4), std::string("\0\0\1\0", 4)) << "the id is 0, for caches";
  EXPECT_EQ(names_of(result.stages), "resolve connect tls request response match");
  EXPECT_EQ(value_of(result.facts, "probe_dns_query_succeeded"), 1);
  EXPECT_EQ(value_of(result.facts, "probe_dns_truncated"), 0);
  EXPECT_GT(value_of(result.facts, "probe_dns_duration_seconds", "connect"), 0);
  EXPECT_GT(value_of(result.facts, "probe_dns_duration_seconds", "request"), 0);
}

TEST_F(DnsOverHttps, a_question_by_http_2) {
  alpn = {"h2"};
  Http2Request seen;
  const Conversed result = ask_over_https(
      [&seen](Peer& peer) {
        seen = read_http2_request(peer);
        peer.send(http2_greeting() +
                  http2_frame(Http2::headers, kEndHeaders, 1,
                              http2_field(":status", "200") + http2_field("content-type", kType)) +
                  http2_frame(Http2::data, kEndStream, 1, answered(seen.body)));
        peer.wait_for_close();
      },
      "/own?x=y");
  EXPECT_EQ(key_of(result.failure), "up") << (result.failure ? result.failure->detail : "");
  EXPECT_EQ(seen.all(":method"), "POST");
  EXPECT_EQ(seen.all(":path"), "/own?x=y");
  EXPECT_EQ(seen.all("content-type"), kType);
}

TEST_F(DnsOverHttps, the_answer_is_judged_as_any_other) {
  const Conversed result = ask_over_https([](Peer& peer) {
    std::string answer = answered(body_of(peer.read_request()));
    answer[3] = 3;
    peer.send(http_reply("200 OK", "Application/DNS-Message; charset=x", answer));
    peer.wait_for_close();
  });
  EXPECT_EQ(key_of(result.failure), "response/not_found");
}

TEST_F(DnsOverHttps, what_is_no_answer) {
  EXPECT_EQ(key_of(answering(http_reply("404 Not Found", "text/html", "no")).failure), "response/status");
  EXPECT_EQ(key_of(answering(http_reply("200 OK", "text/html", "<html></html>")).failure),
            "response/protocol");
  EXPECT_EQ(key_of(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").failure), "response/protocol");
  EXPECT_EQ(key_of(answering(http_reply("200 OK", kType, "\1\2")).failure), "response/protocol");
  EXPECT_EQ(key_of(answering(http_reply("200 OK", kType, std::string(70000, 'x'))).failure),
            "response/limit");
  EXPECT_EQ(key_of(answering("SSH-2.0-x\r\n").failure), "response/protocol");
  const Conversed redirect =
      answering("HTTP/1.1 302 Found\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(key_of(redirect.failure), "response/status");
  EXPECT_THAT(redirect.failure->detail, HasSubstr("302"));
  EXPECT_EQ(value_of(redirect.facts, "probe_dns_query_succeeded"), 0);
  EXPECT_EQ(fact_of(redirect.facts, "probe_dns_truncated"), nullptr) << "nothing is known of an answer";
}

TEST_F(DnsOverHttps, servers_that_stop) {
  EXPECT_EQ(key_of(answering("", &Peer::close).failure), "request/closed");
  EXPECT_EQ(key_of(answering("", &Peer::stall, milliseconds(500)).failure), "request/timeout");
  const Identity untrusted = certificates.untrusted();
  EXPECT_EQ(
      key_of(ask_over_https([](Peer& peer) { peer.wait_for_close(); }, {}, seconds(5), &untrusted).failure),
      "tls/certificate_untrusted");
}

TEST_F(DnsOverHttps, targets) {
  DnsConfig config = dns_config("udp");
  config.dns_over_https = true;
  for (const char* target :
       {"http://127.0.0.1/dns-query", "https://", "ftp://127.0.0.1/", "https://127.0.0.1:x/"}) {
    const Conversed result = ask(config, target);
    EXPECT_EQ(key_of(result.failure), "resolve/internal") << target;
    EXPECT_EQ(fact_of(result.facts, "probe_ip_protocol"), nullptr) << target;
  }
  const ClosedPort closed;
  for (const char* form : {"127.0.0.1:{}", "https://127.0.0.1:{}", "https://127.0.0.1:{}/path"}) {
    const Conversed result = ask(config, fmt::format(fmt::runtime(form), closed.port()));
    EXPECT_EQ(key_of(result.failure), "connect/refused") << form;
  }
}

}  // namespace
}  // namespace lookout::test
