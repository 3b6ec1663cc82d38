// What the server tells of targets: health checks, JSON, the first page.
#include <boost/json.hpp>

#include "tests/net/serve_fixture.h"

namespace lookout::testing {
namespace {

namespace json = boost::json;

class ServePages : public ServeTest {
 protected:
  ServePages() {
    TargetConfig web = target_named("web", "https://user:hush@127.0.0.1:8443/health");
    web.severity = Severity::critical;
    web.labels = {{"team", "demo"}};
    add_targets({web, target_named("mail/smtp & <co>"), target_named("later")});
    set_state("web", State::up);
    set_state("mail/smtp & <co>", State::down, Failure{Stage::connect, Cause::refused, "<script>\xFF&"});
    start();
  }
};

constexpr std::string_view kMail = "mail%2Fsmtp%20%26%20%3Cco%3E";

TEST_F(ServePages, TellWhetherATargetIsWell) {
  const Answer web = get("/health/web");
  EXPECT_EQ(web.status, 200);
  EXPECT_EQ(web.body, "up\n");
  const Answer mail = get("/health/" + std::string(kMail));
  EXPECT_EQ(mail.status, 503);
  EXPECT_EQ(mail.body.substr(0, 35), "down since 2026-11-23T08:26:10.000Z") << mail.body;
  EXPECT_NE(mail.body.find("(connect/refused)"), std::string::npos);
  EXPECT_EQ(get("/health/later").body, "unknown: not probed yet\n");
  EXPECT_EQ(get("/health/later").status, 200);
  EXPECT_EQ(get("/health/nobody").status, 404);
  on_loop([&] { set_state("web", State::degraded); });
  EXPECT_EQ(get("/health/web").body, "degraded\n");
  EXPECT_EQ(get("/health/web").status, 200);
}

TEST_F(ServePages, AreReadOnly) {
  Client client = connect();
  for (const std::string path : {"/", "/api/v1/targets", "/health/web", "/api/v1/targets/web"}) {
    client.send("DELETE " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.receive().status, 405) << path;
  }
}

TEST_F(ServePages, ListTargetsAsJson) {
  const Answer answer = get("/api/v1/targets");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_EQ(answer.body.find("hush"), std::string::npos);
  const json::value parsed = json::parse(answer.body);
  const json::array& targets = parsed.at("targets").as_array();
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0], json::parse(R"({"name": "web", "address": "https://user:xxxxx@127.0.0.1:8443/health",
    "module": "http_2xx", "severity": "critical", "state": "up", "up": true, "since": "2026-11-23T08:26:10.000Z",
    "last_probe": {"time": "2026-11-23T08:26:10.000Z", "duration_seconds": 0.25, "verdict": "up",
                   "stage": null, "cause": null, "detail": null},
    "paused": false, "maintenance": false, "flapping": false, "held": null,
    "incident": null, "labels": {"team": "demo"}})"));
  EXPECT_EQ(targets[1], json::parse(R"({"name": "mail/smtp & <co>", "address": "http://127.0.0.1:1/",
    "module": "http_2xx", "severity": "warning", "state": "down", "up": false, "since": "2026-11-23T08:26:10.000Z",
    "last_probe": {"time": "2026-11-23T08:26:10.000Z", "duration_seconds": 0.25, "verdict": "down",
                   "stage": "connect", "cause": "refused", "detail": "<script>\ufffd&"},
    "incident": {"onset": "2026-11-23T08:26:10.000Z", "detected": "2026-11-23T08:26:10.250Z",
                 "stage": "connect", "cause": "refused", "detail": "<script>\ufffd&"},
    "paused": false, "maintenance": false, "flapping": false, "held": null, "labels": {}})"));
  EXPECT_EQ(targets[2].at("up"), json::value(nullptr));
  EXPECT_EQ(targets[2].at("state"), "unknown");
  EXPECT_EQ(targets[2].at("last_probe"), json::value(nullptr));
}

TEST_F(ServePages, TellOfOneTarget) {
  EXPECT_EQ(json::parse(get("/api/v1/targets/web").body).at("name"), "web");
  EXPECT_EQ(json::parse(get("/api/v1/targets/" + std::string(kMail)).body).at("state"), "down");
  EXPECT_EQ(get("/api/v1/targets/nobody").status, 404);
}

TEST_F(ServePages, ShowAFirstPageThatHostileTextCannotBreak) {
  const Answer page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_TRUE(page.header("content-security-policy")
                  .starts_with("default-src 'none'; style-src 'self'; script-src 'self'"));
  EXPECT_EQ(page.header("content-security-policy").find("unsafe"), std::string::npos);
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  EXPECT_TRUE(page.body.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.body.ends_with("</html>\n"));
  EXPECT_EQ(page.body.find("<script>"), std::string::npos);
  EXPECT_EQ(page.body.find("hush"), std::string::npos);
  for (const std::string part :
       {"mail/smtp &amp; &lt;co&gt;", "&lt;script&gt;\xEF\xBF\xBD&amp;", "connect/refused",
        "targets/mail%2Fsmtp%20%26%20%3Cco%3E", "<b>1</b> <span class=\"state down\">down",
        "<b>1</b> <span class=\"state up\">up", "<b>1</b> <span class=\"state unknown\">unknown", "250 ms",
        "https://user:xxxxx@127.0.0.1:8443/health"}) {
    EXPECT_NE(page.body.find(part), std::string::npos) << part;
  }
}

TEST_F(ServeTest, ShowsAFirstPageWithoutTargets) {
  start();
  const Answer page = get("/");
  EXPECT_NE(page.body.find("No targets are configured"), std::string::npos);
  EXPECT_TRUE(page.body.ends_with("</html>\n"));
  EXPECT_EQ(get("/api/v1/targets").body, "{\"targets\":[]}\n");
}

}  // namespace
}  // namespace lookout::testing
