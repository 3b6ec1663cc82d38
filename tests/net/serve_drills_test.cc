// Drills over HTTP, from their beginning to their end; the alert's way is one of cardboard.
#include <fstream>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "tests/net/serve_fixture.h"
#include "tests/unit/config/temporary_folder.h"

namespace lookout::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kAlice = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";
const std::string kUrls =
    R"("prometheus_url": "http://u:hush@p:9090/", "alertmanager_url": "http://am:9093", "duration": "100ms")";

class ServeDrills : public ServeTest {
 protected:
  ServeDrills() {
    TargetConfig web = target_named("web");
    web.interval = std::chrono::milliseconds(20);
    web.failure_threshold = 2;
    web.success_threshold = 1;
    web.severity = Severity::critical;
    add_targets({web, target_named("mail")});
    std::ofstream(folder_.place("web.yml"))  // alice, secret
        << "basic_auth_users: {alice: $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n";
    backend().drilling.look_interval = std::chrono::milliseconds(5);
    backend().seen_outside = [this](const LookWhere& where) { return seen(where); };
  }
  void begin() {
    options.web_config_file = folder_.place("web.yml");
    start();
    on_loop([&] { set_state("web", State::up); });
  }

  // Prometheus and Alertmanager see at once what Lookout says, unless they are broken.
  AlertSeen seen(const LookWhere& where) {
    AlertSeen all;
    all.pace = Pace{.scrape = {},
                    .evaluation = {},
                    .pending = {},
                    .keep_firing = {},
                    .group_wait = {},
                    .group_interval = {}};
    const bool pretends = backend().targets.find("web") != nullptr && backend().targets.find("web")->drill;
    if (!where.prometheus_url.empty()) {
      all.prometheus.emplace().alertname = "LookoutDrill";
      if (pretends) all.prometheus->alert = PrometheusSeen::Alert::firing;
    }
    if (!where.alertmanager_url.empty()) {
      all.alertmanager.emplace().receivers = {"desk"};
      if (pretends) all.alertmanager->alert = AlertmanagerSeen::Alert::active;
      if (pretends) all.alertmanager->notifications["email"] = {notified, 0};
    }
    return all;
  }

  Answer post(const std::string& path, const std::string& body, const std::string& more = kAlice) const {
    Client client = connect();
    client.send("POST " + path +
                " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n" + more + "\r\n" + body);
    return client.receive();
  }
  std::string begun(const std::string& body) {
    const Answer answer = post("/api/v1/drills", body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.status == 201 ? std::string(json::parse(answer.body).at("id").as_string()) : std::string();
  }
  json::value drill(const std::string& id) const {
    return json::parse(get("/api/v1/drills/" + id, kAlice).body);
  }
  std::string outcome(const std::string& id) const {
    return std::string(drill(id).at("outcome").as_string());
  }
  bool ends(const std::string& id) {
    return eventually([&] { return backend().drilling.find(id)->outcome != DrillOutcome::running; });
  }
  bool opens() {
    return eventually([&] { return backend().targets.find("web")->drill.has_value(); });
  }
  double active(const std::string& labels) {
    const std::string page = "\n" + get("/metrics", kAlice).body;
    const std::string series =
        "\nlookout_incident_active{target=\"web\",severity=\"critical\"," + labels + "} ";
    const auto at = page.find(series);
    return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size()));
  }

  double notified = 1;
  TemporaryFolder folder_;
};

TEST_F(ServeDrills, AreNothingForStrangers) {
  start();
  EXPECT_EQ(post("/api/v1/drills", R"({"target": "web"})", "").status, 403);
  EXPECT_EQ(get("/api/v1/drills").body, "{\"drills\":[]}\n");
}

TEST_F(ServeDrills, NeedAProperOrder) {
  begin();
  EXPECT_EQ(post("/api/v1/drills", R"({"target": "web"})", "").status, 401);
  for (const std::string body :
       {"", "[]", "{}", R"({"target": 1})", R"({"target": "web", "more": "x"})",
        R"({"target": "web", "duration": "2h"})", R"({"target": "web", "duration": "0s"})",
        R"({"target": "web", "failure": "connect/internal"})",
        R"({"target": "web", "prometheus_url": "nowhere"})"})
    EXPECT_EQ(post("/api/v1/drills", body).status, 400) << body;
  EXPECT_EQ(post("/api/v1/drills", R"({"target": "nobody"})").status, 404);
  const Answer unknown = post("/api/v1/drills", R"({"target": "mail"})");
  EXPECT_EQ(unknown.status, 409);
  EXPECT_THAT(unknown.body, HasSubstr("has not been seen up yet"));
  EXPECT_EQ(get("/api/v1/drills/x", kAlice).status, 404);
  EXPECT_EQ(get("/api/v1/drills", kAlice).body, "{\"drills\":[]}\n");
}

TEST_F(ServeDrills, PassWhenTheAlertArrives) {
  begin();
  const std::string id = begun(R"({"target": "web", "failure": "tls/timeout", )" + kUrls + "}");
  EXPECT_EQ(post("/api/v1/drills", R"({"target": "web"})").status, 409) << "one at a time";
  ASSERT_TRUE(opens());
  EXPECT_EQ(active(R"(stage="tls",cause="timeout",drill="true")"), 1);
  EXPECT_EQ(active(R"(stage="",cause="",drill="false")"), 0);
  ASSERT_TRUE(ends(id));
  const json::value over = drill(id);
  EXPECT_EQ(over.at("outcome"), "passed") << over;
  EXPECT_EQ(over.at("prometheus_url"), "http://u:xxxxx@p:9090");
  EXPECT_EQ(over.at("by"), "alice");
  for (const json::value& hop : over.at("hops").as_array()) EXPECT_EQ(hop.at("state"), "passed") << hop;
  EXPECT_EQ(active(R"(stage="tls",cause="timeout",drill="true")"), -1);
  EXPECT_THAT(get("/metrics", kAlice).body,
              HasSubstr("\nlookout_drill_last_success_timestamp_seconds{target=\"web\"} 1"));
  EXPECT_THAT(get("/metrics", kAlice).body,
              HasSubstr("\nlookout_incidents_total{target=\"web\",severity=\"critical\"} 0\n"));
  EXPECT_EQ(on_loop([&] { return backend().targets.find("web")->state.state; }), State::up);
}

TEST_F(ServeDrills, TellWhichHopBroke) {
  notified = 0;
  begin();
  on_loop([&] {
    backend().seen_outside = [this](const LookWhere& where) {
      AlertSeen all = seen(where);
      if (all.prometheus) all.prometheus->trouble = "HTTP status 502";
      return all;
    };
  });
  // The shortest limit is of seconds, which a test does not wait for: that is the course's own test.
  const std::string id = begun(R"({"target": "web", )" + kUrls + "}");
  EXPECT_TRUE(eventually(
      [&] { return backend().drilling.find(id)->course.summary() == "waits for prometheus_firing"; }));
  EXPECT_THAT(std::string(json::serialize(drill(id))),
              HasSubstr("Prometheus cannot be asked: HTTP status 502"));
}

TEST_F(ServeDrills, AnAlertThatComesBackIsProofAndAsksForNothing) {
  notified = 0;
  begin();
  const std::string alert =
      R"({"receiver": "desk", "alerts": [{"status": "firing", "labels": {"target": "web", "drill": "true"}}]})";
  const json::value nobody = json::parse(post("/api/v1/alertmanager", alert).body);
  EXPECT_EQ(nobody.at("alerts").at(0).at("accepted"), false) << nobody;
  const std::string id = begun(R"({"target": "web", )" + kUrls + "}");
  ASSERT_TRUE(opens());
  const json::value known = json::parse(post("/api/v1/alertmanager", alert).body);
  EXPECT_EQ(known.at("alerts").at(0).at("accepted"), true) << known;
  EXPECT_THAT(std::string(known.at("alerts").at(0).at("text").as_string()), HasSubstr("nothing is done"));
  ASSERT_TRUE(ends(id));
  EXPECT_EQ(outcome(id), "passed");
  EXPECT_EQ(drill(id).at("hops").at(3).at("text"), "Delivered to this Lookout by the receiver desk");
}

TEST_F(ServeDrills, EndWhenTheTargetReallyFails) {
  begin();
  const std::string id = begun(R"({"target": "web", "duration": "1h"})");
  ASSERT_TRUE(opens());
  on_loop([&] {
    set_state("web", State::up, Failure{Stage::response, Cause::status, ""});
    backend().drilling.judged("web", this_moment());
  });
  const json::value over = drill(id);
  EXPECT_EQ(over.at("outcome"), "ended");
  EXPECT_EQ(over.at("text"), "ended before its time: a real failure began: response/status");
  EXPECT_EQ(active(R"(stage="connect",cause="refused",drill="true")"), -1);
  EXPECT_EQ(post("/api/v1/drills", R"({"target": "web"})").status, 409);
  EXPECT_THAT(get("/metrics", kAlice).body, Not(HasSubstr("lookout_drill_last_success")));
}

TEST_F(ServeDrills, EndWithTheirTargetAndWithLookout) {
  begin();
  const std::string id = begun(R"({"target": "web", "duration": "1h"})");
  ASSERT_TRUE(opens());
  on_loop([&] { backend().drilling.stop(this_moment()); });
  EXPECT_EQ(drill(id).at("text"), "ended before its time: Lookout stops");
  EXPECT_EQ(post("/api/v1/drills", R"({"target": "web"})").status, 409);
}

TEST_F(ServeDrills, ARemovedTargetEndsItsDrill) {
  begin();
  const std::string id = begun(R"({"target": "web", "duration": "1h"})");
  ASSERT_TRUE(opens());
  on_loop([&] {
    const auto without = std::make_shared<Config>();
    backend().targets.apply(*without);
    backend().drilling.apply(without, this_moment());
  });
  EXPECT_EQ(drill(id).at("text"), "ended before its time: its target was removed from the configuration");
}

TEST_F(ServeDrills, StandOnPagesAsWhatTheyAre) {
  begin();
  const std::string id = begun(R"({"target": "web", "duration": "1h"})");
  ASSERT_TRUE(opens());
  const std::string incident(drill(id).at("incident").as_string());
  const std::string page = get("/", kAlice).body;
  EXPECT_THAT(page, HasSubstr("<strong>DRILL</strong> of <a href=\"incidents/" + incident + "\">web</a>"));
  EXPECT_THAT(page, Not(HasSubstr("</strong> is down")));
  EXPECT_THAT(get("/incidents?open=1", kAlice).body, HasSubstr("<strong>DRILL</strong> "));
  EXPECT_THAT(get("/incidents/" + incident, kAlice).body, HasSubstr("<h1>DRILL " + incident + ": web</h1>"));
  EXPECT_THAT(get("/incidents.atom", kAlice).body, HasSubstr("<title>DRILL of web: "));
  const json::value listed = json::parse(get("/api/v1/incidents?open=true", kAlice).body);
  EXPECT_EQ(listed.at("incidents").at(0).at("drill"), true) << listed;
}

TEST_F(ServeDrills, BeginByTheirSchedule) {
  begin();
  on_loop([&] {
    DrillConfig weekly;
    weekly.target = "web";
    weekly.schedule = std::get<CronSchedule>(parse_cron("0 9 * * MON"));
    weekly.duration = std::chrono::milliseconds(50);
    backend().configuration->drills = {weekly};
    const WallTime monday{std::chrono::seconds(1'795'392'000) +
                          std::chrono::days(5)};  // 2026-11-28 is a Saturday
    Moment now = this_moment();
    now.wall = monday + std::chrono::hours(9) - std::chrono::seconds(1);
    while (std::chrono::weekday(std::chrono::floor<std::chrono::days>(now.wall)) != std::chrono::Monday)
      now.wall += std::chrono::days(1);
    backend().drilling.apply(backend().configuration, now);
    backend().drilling.look_around(now);
    EXPECT_TRUE(backend().drilling.all().empty()) << "a second too early";
    now.wall += std::chrono::seconds(1);
    backend().drilling.look_around(now);
    backend().drilling.look_around(now);
  });
  ASSERT_EQ(on_loop([&] { return backend().drilling.all().size(); }), 1u) << "once";
  const std::string id = on_loop([&] { return backend().drilling.all().front()->id; });
  ASSERT_TRUE(ends(id));
  EXPECT_EQ(outcome(id), "passed");
  EXPECT_EQ(drill(id).at("by"), "its schedule");
  on_loop([&] {
    Moment late = this_moment();
    late.wall += std::chrono::days(4000);
    backend().drilling.look_around(late);
  });
  EXPECT_EQ(on_loop([&] { return backend().drilling.all().size(); }), 1u) << "too late is not held after all";
}

TEST_F(ServeDrills, TheNewestThatPassedIsKnownAfterARestart) {
  begin();
  on_loop([&] {
    Restored restored;
    restored.instance["drill_passed web"] = 1'795'392'000'500;
    backend().drilling.resume(restored);
  });
  EXPECT_THAT(get("/metrics", kAlice).body,
              HasSubstr("\nlookout_drill_last_success_timestamp_seconds{target=\"web\"} 1.7953920005e+09\n"));
}

}  // namespace
}  // namespace lookout::testing
