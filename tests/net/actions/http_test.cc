// Webhooks as actions, against servers that answer, refuse, hang up and say nothing.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/actions/action_fixture.h"
#include "tests/net/actions/api_stand_in.h"
#include "tests/support/scripted_dns.h"

namespace lookout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// `{http: {url: ..., FURTHER}}`
std::string webhook(const std::string& address, std::string_view further = {}) {
  return fmt::format("{{http: {{url: 'http://{}/failover?to=standby', {}}}}}", address, further);
}

TEST(HttpAction, is_done_when_the_answer_says_so) {
  ApiStandIn api({api_answer(202, R"({"moved":true})")});
  const ActionResult result = run_once(webhook(
      api.address(), R"(headers: {X-Reason: lookout, Content-Type: application/json}, body: '{"to":2}')"));
  EXPECT_EQ(result.end, ActionEnd::done);
  EXPECT_EQ(result.summary, "HTTP 202");
  EXPECT_EQ(result.output, "HTTP/1.1 202\n{\"moved\":true}");
  ASSERT_THAT(api.requests(), SizeIs(1));
  const ApiRequest request = api.request(0);
  EXPECT_EQ(request.line, "POST /failover?to=standby");
  EXPECT_EQ(request.body, R"({"to":2})");
  EXPECT_EQ(request.headers.at("host"), api.address());
  EXPECT_EQ(request.headers.at("x-reason"), "lookout");
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  EXPECT_EQ(request.headers.at("content-length"), "8");
  EXPECT_EQ(request.headers.at("idempotency-key"), kCause.attempt);
  EXPECT_THAT(request.headers.at("user-agent"), HasSubstr("Lookout/"));
}

TEST(HttpAction, a_post_without_a_body_says_so) {
  ApiStandIn api({api_answer(204)});
  EXPECT_EQ(run_once(webhook(api.address())).end, ActionEnd::done);
  EXPECT_EQ(api.request(0).headers.at("content-length"), "0");
}

TEST(HttpAction, another_status_is_a_failure) {
  ApiStandIn api({api_answer(503, "no standby")});
  const ActionResult result = run_once(webhook(api.address(), "retries: 3"));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "HTTP 503");
  EXPECT_EQ(result.output, "HTTP/1.1 503\nno standby");
  EXPECT_THAT(api.requests(), SizeIs(1)) << "an answer is an answer";
}

TEST(HttpAction, valid_status_codes_say_what_is_done) {
  ApiStandIn api({api_answer(409, "active already"), api_answer(200)});
  const std::string yaml = webhook(api.address(), "valid_status_codes: [204, 409]");
  EXPECT_EQ(run_once(yaml).end, ActionEnd::done);
  EXPECT_EQ(run_once(yaml).end, ActionEnd::failed);
}

TEST(HttpAction, no_redirect_is_followed) {
  ApiStandIn api({"HTTP/1.1 307 Elsewhere\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"});
  const ActionResult result = run_once(webhook(api.address()));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "HTTP 307");
  EXPECT_THAT(api.requests(), SizeIs(1));
}

TEST(HttpAction, goes_by_ipv4_where_ipv6_leads_nowhere) {
  ScriptedDns names;
  names.add("both.test", kAaaa, ipv6("::1"));
  names.add("both.test", kA, ipv4("127.0.0.1"));
  ApiStandIn api({api_answer(200), api_answer(200)});
  const auto url = [&](std::string_view further) {
    return fmt::format("{{http: {{url: 'http://both.test:{}/', resolvers: ['127.0.0.1:{}'], {}}}}}",
                       api.server().port(), names.port(), further);
  };
  EXPECT_EQ(run_once(url("")).summary, "HTTP 200");
  EXPECT_EQ(run_once(url("preferred_ip_protocol: ip6")).summary,
            "not begun: connect/refused: ::1 refused the connection")
      << "what is asked for, counts";
}

TEST(HttpAction, nobody_there_is_not_begun) {
  const ClosedPort port;
  const ActionResult result = run_once(webhook(fmt::format("127.0.0.1:{}", port.port())));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: connect/refused: 127.0.0.1 refused the connection");
}

TEST(HttpAction, what_was_not_sent_is_tried_again_whatever_the_method) {
  const ClosedPort port;
  const auto began = std::chrono::steady_clock::now();
  const ActionResult result = run_once(webhook(fmt::format("127.0.0.1:{}", port.port()), "retries: 1"));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(500));
}

TEST(HttpAction, a_handshake_that_fails_is_not_begun_and_is_tried_again) {
  TestCertificates certificates;
  const ServerTls untrusted{.identity = certificates.untrusted()};
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); }, {.tls = &untrusted});
  const ActionResult result =
      run_once(fmt::format("{{http: {{url: 'https://{}/', retries: 1, tls_config: {{ca_file: {}}}}}}}",
                           server.address(), certificates.authority_file()));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, HasSubstr("not begun: tls/certificate_untrusted"));
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpAction, over_tls) {
  TestCertificates certificates;
  const ServerTls tls{.identity = certificates.good()};
  ApiStandIn api({api_answer(200)}, {.tls = &tls});
  const ActionResult result =
      run_once(fmt::format("{{http: {{url: 'https://{}/x', tls_config: {{ca_file: {}}}}}}}", api.address(),
                           certificates.authority_file()));
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_THAT(api.lines(), ElementsAre("POST /x"));
}

TEST(HttpAction, hanging_up_after_the_request_is_ambiguous_and_a_post_is_not_sent_twice) {
  ApiStandIn api({kHangUp, api_answer(200)});
  const ActionResult result = run_once(webhook(api.address(), "retries: 5"));
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_THAT(result.summary, HasSubstr("request/closed: "));
  EXPECT_THAT(api.requests(), SizeIs(1));
}

TEST(HttpAction, a_put_is_sent_again) {
  ApiStandIn api({kHangUp, kHangUp, api_answer(200)});
  const ActionResult result = run_once(webhook(api.address(), "method: PUT, retries: 2"));
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_THAT(api.requests(), SizeIs(3));
}

TEST(HttpAction, a_put_that_is_never_answered_is_ambiguous) {
  ApiStandIn api({kHangUp, kHangUp, api_answer(200)});
  EXPECT_EQ(run_once(webhook(api.address(), "method: PUT, retries: 1")).end, ActionEnd::ambiguous);
  EXPECT_THAT(api.requests(), SizeIs(2));
}

TEST(HttpAction, silence_after_the_request_is_ambiguous) {
  ApiStandIn api({kSilence});
  const ActionResult result = run_once(webhook(api.address(), "timeout: 300ms, method: GET, retries: 5"));
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.summary, "no end within 0.3 s");
}

TEST(HttpAction, silence_before_the_request_is_not_begun) {
  const DeafPort port;
  const ActionResult result = run_once(webhook(fmt::format("127.0.0.1:{}", port.port()), "timeout: 300ms"));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: no end within 0.3 s");
}

TEST(HttpAction, retries_end_with_the_timeout) {
  const ClosedPort port;
  const auto began = std::chrono::steady_clock::now();
  const ActionResult result =
      run_once(webhook(fmt::format("127.0.0.1:{}", port.port()), "retries: 5, timeout: 700ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.summary, "not begun: no end within 0.7 s");
}

TEST(HttpAction, a_head_is_an_answer_even_if_its_body_breaks_off) {
  ApiStandIn api({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nmoved"});
  const ActionResult result = run_once(webhook(api.address()));
  EXPECT_EQ(result.end, ActionEnd::done);
  EXPECT_EQ(result.output, "HTTP/1.1 200\nmoved");
}

TEST(HttpAction, a_body_without_end_is_ambiguous_and_its_status_is_told) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    peer.stall();
  });
  const ActionResult result = run_once(webhook(server.address(), "timeout: 300ms"));
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_EQ(result.output, "HTTP/1.1 200\n");
}

TEST(HttpAction, of_a_long_body_the_beginning_is_kept) {
  ApiStandIn api({api_answer(500, "first" + std::string(1'000'000, 'x'))});
  const ActionResult result = run_once(webhook(api.address()));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.output, testing::StartsWith("HTTP/1.1 500\nfirst"));
  EXPECT_LE(result.output.size(), ActionResult::kMaximumOutput);
}

TEST(HttpAction, what_is_no_http_is_ambiguous) {
  ApiStandIn api({"220 mail.example.org ESMTP\r\n"});
  const ActionResult result = run_once(webhook(api.address()));
  EXPECT_EQ(result.end, ActionEnd::ambiguous);
  EXPECT_THAT(result.summary, HasSubstr("response/protocol"));
}

TEST(HttpAction, no_secret_is_told) {
  const std::string file = fmt::format("/tmp/lookout-token-{}", ::getpid());
  std::ofstream(file) << "from-a-file\n";
  const std::string echo =
      "Bearer abcd1234 Basic dXNlcjpodW50ZXIy hunter2 from-a-file in-the-open {\"routing_key\": "
      "\"R0UT1NGKEY0123456789\"} /services/T000000/B0000/XXXXXXXXXXXXXXXX XXXXXXXXXXXXXXXX key-of-the-head";
  ApiStandIn api({api_answer(400, echo), api_answer(400, echo)});
  const ActionResult first =
      run_once(fmt::format("{{http: {{url: 'http://{}/services/T000000/B0000/XXXXXXXXXXXXXXXX', headers: "
                           "{{Authorization: Bearer abcd1234, "
                           "X-Key: key-of-the-head}}, http_headers: {{X-File: {{files: [{}]}}}}, body: "
                           "'{{\"routing_key\":\"R0UT1NGKEY0123456789\"}}'}}}}",
                           api.address(), file));
  EXPECT_EQ(api.request(0).headers.at("authorization"), "Bearer abcd1234");
  EXPECT_EQ(api.request(0).headers.at("x-file"), "from-a-file");
  EXPECT_THAT(first.output, HasSubstr("in-the-open"));
  for (const char* secret :
       {"abcd1234", "from-a-file", "R0UT1NGKEY0123456789", "key-of-the-head", "XXXXXXXXXXXXXXXX"})
    EXPECT_THAT(first.output, Not(HasSubstr(secret)));
  const ActionResult second = run_once(fmt::format(
      "{{http: {{url: 'http://{}/', basic_auth: {{username: user, password: hunter2}}}}}}", api.address()));
  EXPECT_EQ(api.request(1).headers.at("authorization"), "Basic dXNlcjpodW50ZXIy");
  for (const char* secret : {"hunter2", "dXNlcjpodW50ZXIy"})
    EXPECT_THAT(second.output, Not(HasSubstr(secret)));
  std::filesystem::remove(file);
}

TEST(HttpAction, a_secret_at_the_end_of_what_is_shown_is_not_shown_in_part) {
  const std::string secret = "deadbeefdeadbeef";
  ApiStandIn api({api_answer(400, std::string(2040, 'x') + secret)});
  const ActionResult result = run_once(webhook(api.address(), "headers: {X-Key: " + secret + "}"));
  EXPECT_THAT(result.output, Not(HasSubstr("dead")));
}

TEST(HttpAction, a_body_from_a_file_that_is_not_there_is_not_begun) {
  ApiStandIn api({api_answer(200)});
  const ActionResult result = run_once(webhook(api.address(), "body_file: /nowhere/body.json"));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary, HasSubstr("/nowhere/body.json: No such file or directory"));
  EXPECT_THAT(api.requests(), SizeIs(0));
}

TEST(HttpAction, with_a_token_that_is_fetched_before) {
  ApiStandIn api({api_answer(200, R"({"access_token": "t0k3n-of-the-day", "token_type": "bearer"})"),
                  api_answer(200, "t0k3n-of-the-day")});
  const ActionResult result = run_once(webhook(
      api.address(),
      fmt::format("oauth2: {{client_id: lookout, client_secret: hunter2, token_url: 'http://{}/token'}}",
                  api.address())));
  EXPECT_EQ(result.end, ActionEnd::done) << result.summary;
  EXPECT_THAT(api.lines(), ElementsAre("POST /token", "POST /failover?to=standby"));
  EXPECT_EQ(api.request(1).headers.at("authorization"), "Bearer t0k3n-of-the-day");
  EXPECT_EQ(result.output, "HTTP/1.1 200\n<secret>");
}

TEST(HttpAction, without_a_token_it_is_not_begun) {
  ApiStandIn api({api_answer(401), api_answer(401), api_answer(200)});
  const ActionResult result = run_once(webhook(
      api.address(),
      fmt::format("oauth2: {{client_id: lookout, client_secret: hunter2, token_url: 'http://{}/token'}}",
                  api.address())));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_THAT(result.summary,
              HasSubstr("not begun: response/status: oauth2: token_url answered with status 401"));
}

TEST(HttpAction, through_a_proxy) {
  ApiStandIn proxy({api_answer(407, "not with hunter2 or dXNlcjpodW50ZXIy")});
  const ActionResult result = run_once(fmt::format(
      "{{http: {{url: 'http://shop.test/x', proxy_url: 'http://user:hunter2@{}'}}}}", proxy.address()));
  EXPECT_EQ(result.end, ActionEnd::failed);
  EXPECT_EQ(result.output, "HTTP/1.1 407\nnot with <secret> or <secret>");
  EXPECT_THAT(proxy.lines(), ElementsAre("POST http://shop.test/x"));
  EXPECT_EQ(proxy.request(0).headers.at("proxy-authorization"), "Basic dXNlcjpodW50ZXIy");
}

TEST(HttpActionConfig, says_what_is_wrong) {
  EXPECT_THAT(problems_of_action("{http: {method: POST}}"),
              ElementsAre(HasSubstr("write where the request goes")));
  EXPECT_THAT(problems_of_action("{http: {url: 'ftp://x/'}}"),
              ElementsAre(HasSubstr("no http or https URL")));
  EXPECT_THAT(problems_of_action("{http: {url: 'http://x/', retries: 6}}"),
              ElementsAre(HasSubstr("retries: write 0 to 5")));
  EXPECT_THAT(problems_of_action("{http: {url: 'http://x/', follow_redirects: true}}"),
              ElementsAre(HasSubstr("follows no redirect")));
  EXPECT_THAT(problems_of_action("{http: {url: 'http://x/', headers: {Content-Length: '3'}}}"),
              ElementsAre(HasSubstr("Content-Length cannot be set")));
  EXPECT_THAT(problems_of_action("{http: {url: 'http://x/', body: x, body_file: y}}"),
              ElementsAre(HasSubstr("body or body_file")));
  EXPECT_THAT(problems_of_action("{http: {url: 'http://x/', timeout: 2h}}"),
              ElementsAre(HasSubstr("timeout: 2h is out of range")));
  EXPECT_THAT(problems_of_action("{http: {url: 'http://x/'}, exec: {argv: [true]}}"),
              ElementsAre(HasSubstr("write exec or http, not both")));
}

TEST(HttpActionConfig, shows_no_secret) {
  const auto action = action_of(
      "{http: {url: 'http://me:hunter2@x/', headers: {X-Key: abcd1234}, body: 'key=efgh5678', bearer_token: "
      "ijkl}}");
  std::string shown;
  ConfigPrinter(shown).fields(*action);
  for (const char* secret : {"hunter2", "abcd1234", "efgh5678", "ijkl"})
    EXPECT_THAT(shown, Not(HasSubstr(secret)));
  EXPECT_THAT(shown, HasSubstr("X-Key: <secret>"));
}

}  // namespace
}  // namespace lookout::test
