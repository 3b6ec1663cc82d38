#include "exporter/drill/course.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/incident_fixtures.h"

namespace lookout {
namespace {

using testing::HasSubstr;
using PrometheusAlert = PrometheusSeen::Alert;
using AlertmanagerAlert = AlertmanagerSeen::Alert;

// A target asked every 10 s, thresholds 2 and 1; Prometheus scrapes and evaluates every 5 s, Alertmanager
// waits 20 s and 40 s.
struct CourseTest : testing::Test {
  CoursePlan plan{.asks_prometheus = true,
                  .asks_alertmanager = true,
                  .duration = std::chrono::seconds(60),
                  .interval = std::chrono::seconds(10),
                  .failure_threshold = 2,
                  .success_threshold = 1};
  std::optional<Course> course;
  AlertSeen seen;

  CourseTest() {
    seen.prometheus.emplace().missing = "nothing of it";
    seen.alertmanager.emplace().receivers = {};
    seen.pace = Pace{.scrape = std::chrono::seconds(5),
                     .evaluation = std::chrono::seconds(5),
                     .pending = {},
                     .keep_firing = {},
                     .group_wait = std::chrono::seconds(20),
                     .group_interval = std::chrono::seconds(40)};
  }
  void begin() {
    course.emplace(plan, moment(0));
    course->begin(seen, moment(0));
  }
  void see(int second) { course->see(seen, moment(second)); }
  void fires() {
    seen.prometheus->alert = PrometheusAlert::firing;
    seen.prometheus->alertname = "LookoutDrill";
  }
  void arrives(AlertmanagerAlert as = AlertmanagerAlert::active) {
    seen.alertmanager->alert = as;
    seen.alertmanager->receivers = {"desk"};
  }
  void notifies(double sent, double failed) { seen.alertmanager->notifications["webhook"] = {sent, failed}; }
  void clears() {
    seen.prometheus->alert = PrometheusAlert::none;
    seen.alertmanager->alert = AlertmanagerAlert::none;
  }
  HopState state(Hop hop) const { return std::as_const(*course).at(hop).state; }
  const HopStatus& at_hop(Hop hop) const { return std::as_const(*course).at(hop); }
  std::vector<HopState> states() const {
    std::vector<HopState> all;
    for (std::size_t i = 0; i < kHopCount; ++i) all.push_back(state(static_cast<Hop>(i)));
    return all;
  }
};
using enum HopState;

TEST_F(CourseTest, FollowsTheAlertAllTheWayAndBack) {
  notifies(7, 2);
  begin();
  course->opened("Incident 1 opened", moment(10));
  see(12);
  EXPECT_EQ(course->current(), Hop::firing);
  fires();
  see(14);
  arrives();
  see(15);
  EXPECT_EQ(course->current(), Hop::notified) << "what was sent before was about others";
  notifies(8, 2);
  see(35);
  EXPECT_EQ(course->current(), Hop::closed);
  EXPECT_TRUE(course->failing()) << "the failure was to last a minute";
  see(60);
  EXPECT_FALSE(course->failing());
  course->closed("Incident closed", moment(65));
  see(66);
  EXPECT_EQ(course->current(), Hop::resolved);
  clears();
  see(70);
  EXPECT_TRUE(course->over());
  EXPECT_TRUE(course->whole());
  EXPECT_EQ(course->broken(), std::nullopt);
  EXPECT_EQ(course->summary(), "passed: the alert was followed all the way and back");
  EXPECT_EQ(states(), std::vector<HopState>(kHopCount, passed));
  std::vector<int> took;
  for (std::size_t i = 0; i < kHopCount; ++i)
    took.push_back(static_cast<int>(seconds(at_hop(static_cast<Hop>(i)).took)));
  EXPECT_EQ(took, (std::vector<int>{10, 4, 1, 20, 5, 5, 0}));
  EXPECT_EQ(at_hop(Hop::firing).at, at(14));
  EXPECT_EQ(at_hop(Hop::notified).text, "Alertmanager sent a notification by webhook");
}

TEST_F(CourseTest, AnAlertThatNeverFiresIsNamedWhenItsTimeIsOver) {
  begin();
  course->opened("", moment(10));
  seen.prometheus->missing = "no rule";
  see(39);  // twice scrape and evaluation, and 10 s
  EXPECT_EQ(state(Hop::firing), waiting);
  see(40);
  EXPECT_EQ(states(),
            (std::vector{passed, broken, not_reached, not_reached, waiting, not_reached, not_reached}));
  EXPECT_FALSE(course->failing()) << "there is nothing more to be seen";
  course->closed("", moment(45));
  EXPECT_TRUE(course->over());
  EXPECT_FALSE(course->whole());
  EXPECT_EQ(course->broken(), Hop::firing);
  EXPECT_EQ(course->summary(), "the alert never fired in Prometheus: no rule; waited for 30 s");
}

TEST_F(CourseTest, ARuleThatWaitsIsGivenThatTimeAndTold) {
  seen.pace->pending = std::chrono::seconds(100);
  begin();
  course->opened("", moment(10));
  fires();
  seen.prometheus->alert = PrometheusAlert::pending;
  see(139);
  EXPECT_EQ(course->current(), Hop::firing);
  see(140);
  EXPECT_THAT(course->summary(),
              HasSubstr("never fired in Prometheus: LookoutDrill is pending in Prometheus"));
}

TEST_F(CourseTest, AnAlertThatNeverArrivesSaysWhereItWent) {
  begin();
  course->opened("", moment(10));
  fires();
  seen.prometheus->alertmanagers.emplace();
  see(12);
  see(31);
  EXPECT_EQ(state(Hop::arrived), waiting);
  see(32);
  EXPECT_THAT(course->summary(),
              HasSubstr("the alert never reached Alertmanager: Prometheus has no Alertmanager "
                        "that it sends alerts to; waited for 20 s"));
  EXPECT_EQ(states(), (std::vector{passed, passed, broken, not_reached, waiting, waiting, not_reached}))
      << "what had been reached is followed back";

  begin();
  course->opened("", moment(10));
  seen.prometheus->alertmanagers = {{"http://other:9093/api/v2/alerts"}};
  clears();
  see(11);
  fires();
  see(12);
  see(40);
  EXPECT_THAT(course->summary(), HasSubstr("Prometheus sends its alerts to http://other:9093/api/v2/alerts"));
}

TEST_F(CourseTest, ASilencedAlertHasNotArrived) {
  begin();
  course->opened("", moment(10));
  fires();
  arrives(AlertmanagerAlert::suppressed);
  seen.alertmanager->suppressed_by = "silenced by 1234";
  see(12);
  EXPECT_EQ(course->current(), Hop::arrived);
  see(32);
  EXPECT_THAT(course->summary(),
              HasSubstr("Alertmanager has it, but it is silenced by 1234, so that desk is not told"));
}

TEST_F(CourseTest, RequestsThatFailNotifyNobody) {
  notifies(5, 0);
  begin();
  course->opened("", moment(10));
  fires();
  arrives();
  see(12);
  notifies(8, 3);
  see(20);
  EXPECT_EQ(course->current(), Hop::notified);
  see(82);  // group_wait, group_interval, and 10 s
  EXPECT_THAT(course->summary(), HasSubstr("the receiver was never notified: Alertmanager's notification by "
                                           "webhook failed 3 times; waited for"));
  EXPECT_EQ(state(Hop::cleared), waiting);
}

TEST_F(CourseTest, OneRequestThatSucceedsIsEnough) {
  begin();
  course->opened("", moment(10));
  fires();
  arrives();
  notifies(0, 0);
  see(12);
  notifies(3, 2);
  see(20);
  EXPECT_EQ(state(Hop::notified), passed);
  EXPECT_THAT(at_hop(Hop::notified).text, HasSubstr("webhook failed 2 times"));
}

TEST_F(CourseTest, WhatComesBackHereIsProof) {
  begin();
  course->opened("", moment(10));
  course->delivered("desk", moment(13));  // sooner than the next look
  EXPECT_EQ(state(Hop::notified), waiting) << "one hop after the other";
  fires();
  arrives();
  see(14);
  EXPECT_EQ(state(Hop::notified), passed);
  EXPECT_EQ(at_hop(Hop::notified).text, "Delivered to this Lookout by the receiver desk");
  EXPECT_EQ(at_hop(Hop::notified).took, Duration::zero());
}

TEST_F(CourseTest, ATargetThatIsSeldomAskedHasTheTimeOfItsThresholds) {
  constexpr int kMinute = 60;
  plan.interval = std::chrono::minutes(20);
  plan.failure_threshold = 3;
  begin();
  see(59 * kMinute);
  EXPECT_EQ(state(Hop::opened), waiting);
  see(61 * kMinute);
  EXPECT_EQ(state(Hop::opened), broken);
}

TEST_F(CourseTest, WhatIsNotAskedIsSaid) {
  plan.asks_prometheus = plan.asks_alertmanager = false;
  plan.duration = std::chrono::seconds(15);
  seen = AlertSeen();
  begin();
  course->opened("", moment(10));
  EXPECT_EQ(states(), (std::vector{passed, not_asked, not_asked, not_asked, waiting, not_asked, not_asked}));
  see(14);
  EXPECT_TRUE(course->failing());
  see(15);
  EXPECT_FALSE(course->failing());
  course->closed("", moment(20));
  EXPECT_TRUE(course->over());
  EXPECT_FALSE(course->whole());
  EXPECT_EQ(course->summary(), "passed, as far as it was followed; not asked: Prometheus, Alertmanager");
}

TEST_F(CourseTest, AnAlertOfAnEarlierDrillDoesNotCount) {
  fires();
  arrives();
  begin();
  course->opened("", moment(10));
  see(12);
  EXPECT_EQ(course->current(), Hop::firing);
  EXPECT_THAT(at_hop(Hop::firing).text, HasSubstr("of an earlier drill"));
  seen.prometheus->alert = PrometheusAlert::none;
  see(14);
  fires();
  see(16);
  EXPECT_EQ(course->current(), Hop::arrived);
  EXPECT_THAT(at_hop(Hop::arrived).text, HasSubstr("of an earlier drill"));
  seen.alertmanager->alert = AlertmanagerAlert::none;
  see(20);
  arrives();
  see(21);
  EXPECT_EQ(course->current(), Hop::notified);
}

TEST_F(CourseTest, TheFailureLastsLongerThanOrderedWhileAHopHasTime) {
  plan.duration = std::chrono::seconds(11);
  begin();
  course->opened("", moment(10));
  see(20);
  EXPECT_TRUE(course->failing());
  fires();
  arrives();
  see(25);
  notifies(1, 0);
  see(30);
  EXPECT_FALSE(course->failing());
}

TEST_F(CourseTest, WhoDoesNotAnswerIsNamed) {
  begin();
  course->opened("", moment(10));
  seen.prometheus->trouble = "HTTP status 503";
  see(40);
  EXPECT_THAT(course->summary(), HasSubstr("Prometheus cannot be asked: HTTP status 503"));
}

TEST_F(CourseTest, AnAlertThatDoesNotEndIsNamed) {
  begin();
  course->opened("", moment(10));
  fires();
  arrives();
  see(12);
  course->delivered("desk", moment(13));
  see(60);
  course->closed("", moment(65));
  see(94);
  EXPECT_EQ(course->current(), Hop::resolved);
  see(95);
  EXPECT_EQ(course->summary(),
            "the alert did not end in Prometheus: Prometheus still has it; waited for 30 s");
  EXPECT_EQ(state(Hop::cleared), not_reached);
  EXPECT_TRUE(course->over());
}

TEST_F(CourseTest, NoHopIsWaitedForWithoutEnd) {
  seen.pace->group_interval = std::chrono::hours(24);
  begin();
  course->opened("", moment(10));
  fires();
  arrives();
  see(12);
  see(12 + 30 * 60 - 1);
  EXPECT_EQ(course->current(), Hop::notified);
  see(12 + 30 * 60);
  EXPECT_EQ(course->broken(), Hop::notified);
}

}  // namespace
}  // namespace lookout
