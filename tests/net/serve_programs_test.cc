// What the server tells other programs: badges, targets for Prometheus; and what it does when they ask.
#include <fstream>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "tests/net/serve_fixture.h"
#include "tests/unit/config/temporary_folder.h"

namespace lookout::testing {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ServePrograms : public ServeTest {
 protected:
  ServePrograms() {
    TargetConfig web = target_named("web", "https://user:hush@127.0.0.1:8443/health");
    web.severity = Severity::critical;
    web.labels = {{"team", "demo"}};
    add_targets({web, target_named("mail <&> \"co\"")});
  }

  Answer pause(const std::string& name, const std::string& body, const std::string& more = "",
               const std::string& type = "application/json") const {
    Client client = connect();
    client.send("POST /api/v1/targets/" + name + "/pause HTTP/1.1\r\nHost: h\r\nContent-Type: " + type +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body);
    return client.receive();
  }
  bool paused() {
    return on_loop([&] { return backend().targets.find("web")->paused; });
  }
  void demand_passwords() {
    std::ofstream(folder_.place("web.yml"))  // alice, secret
        << "basic_auth_users: {alice: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n";
    options.web_config_file = folder_.place("web.yml");
  }

  TemporaryFolder folder_;
};

const std::string kAlice = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";

TEST_F(ServePrograms, DrawBadges) {
  start();
  set_state("web", State::up);
  const Answer status = get("/badge/web.svg");
  EXPECT_EQ(status.status, 200);
  EXPECT_EQ(status.header("content-type"), "image/svg+xml");
  EXPECT_EQ(status.header("cache-control"), "no-store");
  EXPECT_THAT(status.body,
              AllOf(HasSubstr("role=\"img\""), HasSubstr("<title id=\"title\">web: up</title>")));
  EXPECT_THAT(get("/badge/web.svg?kind=latency").body, HasSubstr("web: 250 ms</title>"));
  EXPECT_THAT(get("/badge/web.svg?kind=uptime").body, HasSubstr("web: unknown</title>"))
      << "nobody watched yet";
  const std::string mail = "/badge/mail%20%3C%26%3E%20%22co%22.svg";
  EXPECT_THAT(get(mail).body,
              AllOf(HasSubstr("mail &lt;&amp;&gt; &quot;co&quot;: unknown</title>"), Not(HasSubstr("<&>"))));
  on_loop([&] { backend().targets.set_paused("web", true); });
  EXPECT_THAT(get("/badge/web.svg").body, HasSubstr("web: paused</title>"));
  EXPECT_EQ(get("/badge/nobody.svg").status, 404);
  EXPECT_EQ(get("/badge/web").status, 404);
  const Answer wrong = get("/badge/web.svg?kind=size");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.body, "kind: \"size\" is no kind of badge; write status, uptime or latency\n");
}

TEST_F(ServePrograms, DrawTheUptimeOfWhatWasWatched) {
  start();
  const WallTime now = std::chrono::system_clock::now(), day = std::chrono::floor<std::chrono::days>(now);
  const std::function<bool(Store&)> write = [&](Store& store) {
    Batch batch;
    for (int back = 0; back < 10; ++back) batch.hours[{"web", day - std::chrono::days(back)}].probes = 10;
    Incident incident;
    incident.id = "20261123-082610-0123abcd";
    incident.target = "web";
    incident.onset = day - std::chrono::hours(48);
    incident.detected = incident.onset;
    incident.recovered = incident.onset + std::chrono::hours(24);
    batch.incidents[incident.id] = incident;
    store.write(batch);
    return true;
  };
  ASSERT_TRUE(asio::co_spawn(loop_, backend().kept.ask(write), asio::use_future).get());
  const std::string badge = get("/badge/web.svg?kind=uptime").body;
  // One of some 9.5 days: between 88.8 and 90 percent, depending on how much of today is over.
  EXPECT_THAT(badge, ::testing::AnyOf(HasSubstr("web: 88."), HasSubstr("web: 89."), HasSubstr("web: 90 %")));
}

TEST_F(ServePrograms, TellPrometheusTheTargets) {
  start();
  const Answer answer = get("/api/v1/sd");
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_EQ(json::parse(answer.body), json::parse(R"([
    {"targets": ["https://user:xxxxx@127.0.0.1:8443/health"],
     "labels": {"team": "demo", "target": "web", "severity": "critical", "__param_module": "http_2xx"}},
    {"targets": ["http://127.0.0.1:1/"],
     "labels": {"target": "mail <&> \"co\"", "severity": "warning", "__param_module": "http_2xx"}}])"));
}

TEST_F(ServePrograms, PauseNothingForStrangers) {
  start();
  const Answer refused = pause("web", R"({"paused": true})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("basic_auth_users"));
  EXPECT_EQ(pause("web", R"({"paused": true})", kAlice).status, 403) << "nobody checks this password";
  EXPECT_FALSE(paused());
}

TEST_F(ServePrograms, PauseForThoseWhoAreKnown) {
  demand_passwords();
  start();
  EXPECT_EQ(pause("web", R"({"paused": true})").status, 401);
  const Answer answer = pause("web", R"({"paused": true})", kAlice);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(json::parse(answer.body).at("paused").as_bool());
  EXPECT_TRUE(paused());
  EXPECT_EQ(pause("web", R"({"paused": false})", kAlice, "application/json; charset=utf-8").status, 200);
  EXPECT_FALSE(paused());
}

TEST_F(ServePrograms, PauseOnlyWhenAskedProperly) {
  demand_passwords();
  start();
  EXPECT_EQ(get("/api/v1/targets/web/pause", kAlice).status, 405);
  EXPECT_EQ(pause("nobody", R"({"paused": true})", kAlice).status, 404);
  EXPECT_EQ(pause("web", R"({"paused": true})", kAlice, "text/plain").status, 415);
  for (const std::string body : {"", "true", "{}", R"({"paused": "yes"})", R"({"paused": true, "more": 1})"})
    EXPECT_EQ(pause("web", body, kAlice).status, 400) << body;
  EXPECT_EQ(pause("web", R"({"paused": true, ")" + std::string(2000, 'x'), kAlice).status, 413);
  EXPECT_FALSE(paused());
}

}  // namespace
}  // namespace lookout::testing
