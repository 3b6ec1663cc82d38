// What the two say, in the form in which they say it.
#include "exporter/drill/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

using testing::HasSubstr;

PrometheusSeen alerts(std::string_view list, std::string_view target = "shop") {
  PrometheusSeen seen;
  read_prometheus_alerts(R"({"status":"success","data":{"alerts":[)" + std::string(list) + "]}}", target,
                         seen);
  return seen;
}

std::string alert(std::string_view target, std::string_view drill, std::string_view state) {
  return std::string(R"({"labels":{"alertname":"LookoutDrill","drill":")") + std::string(drill) +
         R"(","severity":"critical","target":")" + std::string(target) + R"("},"annotations":{},"state":")" +
         std::string(state) + R"(","activeAt":"2026-11-25T12:00:00.123456789Z","value":"1e+00"})";
}

TEST(PrometheusAlerts, OnlyTheDrillsOfTheTargetCount) {
  using enum PrometheusSeen::Alert;
  EXPECT_EQ(alerts("").alert, none);
  EXPECT_EQ(alerts(alert("shop", "false", "firing")).alert, none) << "a real one";
  EXPECT_EQ(alerts(alert("blog", "true", "firing")).alert, none);
  EXPECT_EQ(alerts(alert("shop", "true", "pending")).alert, pending);
  const PrometheusSeen seen =
      alerts(alert("shop", "true", "firing") + "," + alert("shop", "true", "pending"));
  EXPECT_EQ(seen.alert, firing) << "of several rules one that fires";
  EXPECT_EQ(seen.alertname, "LookoutDrill");
  EXPECT_EQ(seen.trouble, "");
}

TEST(PrometheusAlerts, WhoAnswersOtherwiseIsNotBelieved) {
  for (const std::string_view body : {"", "[]", "{}", "<html>", R"({"data":{"alerts":7}})"}) {
    PrometheusSeen seen;
    read_prometheus_alerts(body, "shop", seen);
    EXPECT_NE(seen.trouble, "") << body;
    EXPECT_EQ(seen.alert, PrometheusSeen::Alert::none);
  }
}

std::string missing(std::string_view result) {
  PrometheusSeen seen;
  read_prometheus_series(
      R"({"status":"success","data":{"resultType":"vector","result":[)" + std::string(result) + "]}}",
      kMidnight + std::chrono::seconds(5), seen);
  return seen.missing;
}

TEST(PrometheusSeries, SayWhatIsMissing) {
  const std::string real =
      R"({"metric":{"drill":"false","instance":"h:9115","job":"lookout","target":"shop"},"value":[1795392003,"1795392001.5"]})";
  const std::string pretended =
      R"({"metric":{"drill":"true","instance":"h:9115","job":"lookout","target":"shop"},"value":[1795392003,"1795392001.5"]})";
  EXPECT_THAT(missing(""), HasSubstr("does it scrape this Lookout?"));
  EXPECT_THAT(missing(real), HasSubstr("has not seen the drill; the newest sample is 3.5 s old"));
  EXPECT_THAT(missing(real + "," + pretended), HasSubstr("is there a rule for"));
  PrometheusSeen seen;
  read_prometheus_series(R"({"data":{"result":[)" + real + "]}}", kMidnight, seen);
  EXPECT_EQ(seen.job, "lookout");
}

TEST(PrometheusSeries, ANameIsQuoted) {
  EXPECT_EQ(series_query("a\"b\\c\nd"), R"(timestamp(lookout_incident_active{target="a\"b\\c\nd"}))");
}

TEST(PrometheusAlertmanagers, AreThoseThatAreSentTo) {
  PrometheusSeen seen;
  read_prometheus_alertmanagers(
      R"({"status":"success","data":{"activeAlertmanagers":[{"url":"http://u:hush@am:9093/api/v2/alerts"}],"droppedAlertmanagers":[]}})",
      seen);
  EXPECT_EQ(seen.alertmanagers, std::vector<std::string>{"http://u:xxxxx@am:9093/api/v2/alerts"});
  PrometheusSeen none;
  read_prometheus_alertmanagers(
      R"({"status":"success","data":{"activeAlertmanagers":[],"droppedAlertmanagers":[]}})", none);
  ASSERT_TRUE(none.alertmanagers);
  EXPECT_TRUE(none.alertmanagers->empty());
  PrometheusSeen silent;
  read_prometheus_alertmanagers("", silent);
  EXPECT_FALSE(silent.alertmanagers) << "who says nothing does not say that there is none";
}

TEST(Pace_, IsThatOfTheJobThatScrapesUsAndOfTheRule) {
  Pace pace;
  const std::string config =
      R"({"status":"success","data":{"yaml":"global:\n  scrape_interval: 1m\n  evaluation_interval: 20s\nscrape_configs:\n- job_name: lookout\n  scrape_interval: 1m30s\n- job_name: slow\n  scrape_interval: 1h\n"}})";
  read_prometheus_config(config, "lookout", pace);
  EXPECT_EQ(pace.scrape, std::chrono::seconds(90));
  EXPECT_EQ(pace.evaluation, std::chrono::seconds(20));
  read_prometheus_config(config, "unknown", pace);
  EXPECT_EQ(pace.scrape, std::chrono::minutes(1));
  const std::string rules =
      R"({"status":"success","data":{"groups":[{"name":"a","file":"f","interval":45,"rules":[)"
      R"({"state":"inactive","name":"LookoutDrill","query":"lookout_incident_active{drill=\"true\"} == 1","duration":7,"keepFiringFor":3,"labels":{},"annotations":{},"alerts":[],"health":"ok","type":"alerting"},)"
      R"({"name":"Other","query":"up == 0","duration":3600,"labels":{},"type":"alerting"}]}]}})";
  EXPECT_TRUE(read_prometheus_rules(rules, pace));
  EXPECT_EQ(pace.evaluation, std::chrono::seconds(45));
  EXPECT_EQ(pace.pending, std::chrono::seconds(7));
  EXPECT_EQ(pace.keep_firing, std::chrono::seconds(3));
  EXPECT_FALSE(read_prometheus_rules(R"({"status":"success","data":{"groups":[]}})", pace));
}

TEST(Pace_, IsTheSlowestOfAlertmanagersRoutes) {
  Pace pace;
  read_alertmanager_status(
      R"({"cluster":{"status":"disabled"},"config":{"original":"route:\n  receiver: desk\n  group_wait: 1s\n  group_interval: 2s\n  routes:\n  - receiver: other\n    group_wait: 10s\n    routes:\n    - {receiver: third, group_interval: 1m}\n"}})",
      pace);
  EXPECT_EQ(pace.group_wait, std::chrono::seconds(10));
  EXPECT_EQ(pace.group_interval, std::chrono::minutes(1));
  Pace usual;
  read_alertmanager_status(R"({"config":{"original":"route:\n  receiver: desk\n"}})", usual);
  EXPECT_EQ(usual.group_wait, std::chrono::seconds(30));
  EXPECT_EQ(usual.group_interval, std::chrono::minutes(5));
}

std::string alertmanager_alert(std::string_view status) {
  return R"([{"annotations":{},"endsAt":"2026-11-25T12:04:00.000Z","fingerprint":"4d1b4df4b1b8f5a3","receivers":[{"name":"desk"},{"name":"pager"}],"startsAt":"2026-11-25T12:00:00.000Z","status":)" +
         std::string(status) +
         R"(,"updatedAt":"2026-11-25T12:00:00.010Z","generatorURL":"http://p/graph","labels":{"alertname":"LookoutDrill","drill":"true","target":"shop"}}])";
}

TEST(AlertmanagerAlerts, TellWhoIsTold) {
  AlertmanagerSeen seen;
  read_alertmanager_alerts(alertmanager_alert(R"({"inhibitedBy":[],"silencedBy":[],"state":"active"})"),
                           "shop", seen);
  EXPECT_EQ(seen.alert, AlertmanagerSeen::Alert::active);
  EXPECT_EQ(seen.receivers, (std::vector<std::string>{"desk", "pager"}));
  AlertmanagerSeen nothing;
  read_alertmanager_alerts("[]", "shop", nothing);
  EXPECT_EQ(nothing.alert, AlertmanagerSeen::Alert::none);
  EXPECT_EQ(nothing.trouble, "");
  AlertmanagerSeen other;
  read_alertmanager_alerts(alertmanager_alert(R"({"inhibitedBy":[],"silencedBy":[],"state":"active"})"),
                           "blog", other);
  EXPECT_EQ(other.alert, AlertmanagerSeen::Alert::none);
  AlertmanagerSeen stranger;
  read_alertmanager_alerts("{}", "shop", stranger);
  EXPECT_NE(stranger.trouble, "");
}

TEST(AlertmanagerAlerts, TellWhatMutesThem) {
  AlertmanagerSeen silenced;
  read_alertmanager_alerts(
      alertmanager_alert(R"({"inhibitedBy":[],"silencedBy":["s-1"],"state":"suppressed"})"), "shop",
      silenced);
  EXPECT_EQ(silenced.alert, AlertmanagerSeen::Alert::suppressed);
  EXPECT_EQ(silenced.suppressed_by, "silenced by s-1");
  AlertmanagerSeen inhibited;
  read_alertmanager_alerts(
      alertmanager_alert(R"({"inhibitedBy":["f1","f2"],"silencedBy":[],"state":"suppressed"})"), "shop",
      inhibited);
  EXPECT_EQ(inhibited.suppressed_by, "inhibited by f1, f2");
}

// Whoever answers may say anything; what is added up of it must not overflow.
TEST(Pace, IsAtMostADay) {
  Pace pace;
  read_prometheus_config(
      R"({"data":{"yaml":"global:\n  scrape_interval: 100y\n  evaluation_interval: 90y\n"}})", "lookout",
      pace);
  EXPECT_EQ(pace.scrape, std::chrono::hours(24));
  EXPECT_EQ(pace.evaluation, std::chrono::hours(24));
}

TEST(PrometheusSeries, WithATimeThatIsNoneIsNone) {
  for (const std::string time : {"1e300", "inf", "nan", "-1e300"}) {
    PrometheusSeen seen;
    read_prometheus_series(
        R"({"data":{"result":[{"metric":{"job":"lookout"},"value":[1,")" + time + R"("]}]}})",
        WallTime(std::chrono::hours(400'000)), seen);
    EXPECT_THAT(seen.missing, HasSubstr("has no sample")) << time;
  }
}

TEST(AlertmanagerFilter, IsForAQuery) {
  EXPECT_EQ(alertmanager_filter("a b"), "filter=target%3D%22a%20b%22&filter=drill%3D%22true%22");
}

TEST(AlertmanagerMetrics, AreCountedByIntegration) {
  AlertmanagerSeen seen;
  read_alertmanager_metrics(
      "# HELP alertmanager_notification_requests_total The total number of attempted notification requests.\n"
      "# TYPE alertmanager_notification_requests_total counter\n"
      "alertmanager_notification_requests_failed_total{integration=\"webhook\"} 2\n"
      "alertmanager_notification_requests_total{integration=\"email\"} 0\n"
      "alertmanager_notification_requests_total{integration=\"webhook\",receiver_name=\"a\"} 3\n"
      "alertmanager_notification_requests_total{integration=\"webhook\",receiver_name=\"b\"} 4e+00\n"
      "alertmanager_notifications_total{integration=\"webhook\"} 99\n"
      "go_goroutines 7\n"
      "alertmanager_notification_requests_total{integration=\"broken\"",
      seen);
  ASSERT_EQ(seen.notifications.size(), 2u);
  EXPECT_EQ(seen.notifications["webhook"].sent, 7);
  EXPECT_EQ(seen.notifications["webhook"].failed, 2);
  EXPECT_EQ(seen.notifications["email"].sent, 0);
}

}  // namespace
}  // namespace lookout
