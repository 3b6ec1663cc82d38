// The report of an incident: whole texts against tests/unit/report/golden, and what hostile peers, clocks and
// other versions may put into it.
#include "exporter/report/incident_report.h"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/report/report_fixtures.h"

namespace lookout::test {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

void compare_with_golden(const std::string& text, const std::string& file) {
  const std::string path = std::string(LOOKOUT_GOLDEN) + "/" + file;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream stream(path);
  const std::string golden{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(text, golden) << "if this is meant: UPDATE_GOLDEN=1";
}

Incident an_incident() {
  Incident incident;
  incident.id = "20261123-082610-5f3a";
  incident.target = "shop";
  incident.address = "https://shop.example/health";
  incident.module = "http_2xx";
  incident.severity = "critical";
  incident.labels = {{"site", "north"}, {"team", "sea"}};
  incident.runbook_url = "https://example.org/runbooks/shop";
  incident.onset = kStarted - seconds(30);
  incident.detected = kStarted + milliseconds(2031);
  incident.detection = milliseconds(32'031);
  incident.recovered = kStarted + milliseconds(11'200);
  incident.duration = milliseconds(41'200);
  incident.failure = {Stage::tls, Cause::closed, "the peer hung up during the TLS handshake"};
  ProbeResult probe = a_probe_with_a_chain();
  probe.verdict = Verdict::down;
  probe.failure = incident.failure;
  incident.evidence = probe_json({incident.address, incident.module, "http", probe});
  incident.timeline = {{incident.onset, "onset", "The first of the probes that failed in a row"},
                       {incident.detected, "opened", "Down: the peer hung up in the middle (tls/closed)"},
                       {*incident.recovered, "closed", "Up again"}};
  return incident;
}

RecoveryAttempt an_attempt(const Incident& incident, int number, AttemptState state) {
  RecoveryAttempt attempt;
  attempt.id = incident.id + "." + std::to_string(number);
  attempt.incident = incident.id;
  attempt.target = incident.target;
  attempt.plan = "restart-shop";
  attempt.action = "restart-service";
  attempt.failure = "tls/closed";
  attempt.state = state;
  attempt.decided = incident.detected + milliseconds(3);
  if (!attempt.acted()) return attempt;
  attempt.started = attempt.decided + milliseconds(5);
  attempt.took = milliseconds(1250);
  attempt.ended = *attempt.started + attempt.took;
  attempt.result = "exit status 0";
  attempt.output = "stopping <shop>\nstarted | as 4711\n";
  attempt.by = "alice";
  return attempt;
}

Incident an_incident_that_was_helped() {
  Incident incident = an_incident();
  incident.attempts = {an_attempt(incident, 1, AttemptState::withdrawn),
                       an_attempt(incident, 2, AttemptState::settling)};
  conclude_attempts(incident);
  return incident;
}

Incident an_open_incident() {
  Incident incident = an_incident();
  incident.recovered.reset();
  incident.duration = incident.detection;
  incident.timeline.pop_back();
  incident.flapped = true;
  incident.held_by = "maintenance: upgrade";
  incident.evidence.clear();
  return incident;
}

Incident an_earlier_one() {
  Incident incident = an_incident();
  incident.id = "20261101-000000-5f3a";
  incident.onset -= std::chrono::hours(500);
  incident.duration = std::chrono::minutes(75);
  return incident;
}

TEST(IncidentReport, IsAsWrittenDown) {
  const Incident closed = an_incident_that_was_helped(), open = an_open_incident();
  const IncidentReport of_closed{closed, {{an_earlier_one()}}, kStarted + std::chrono::hours(1)};
  const IncidentReport of_open{open, std::nullopt, kStarted + seconds(170)};
  compare_with_golden(incident_markdown(of_closed), "incident.md");
  compare_with_golden(incident_html(of_closed), "incident.html");
  compare_with_golden(incident_json(of_closed), "incident.json");
  compare_with_golden(incident_markdown(of_open), "incident_open.md");
}

TEST(IncidentReport, TellsTimesThatTheSteadyClockMeasured) {
  Incident incident = an_incident();
  incident.recovered = incident.onset - std::chrono::hours(3);  // somebody set the clock back meanwhile
  const std::string text = incident_markdown({incident, {}, kStarted});
  EXPECT_THAT(text, HasSubstr("**Recovered after 41.2 s.**"));
  EXPECT_THAT(text, HasSubstr("| Time to detect | 32 s |"));
  EXPECT_THAT(text, HasSubstr("| Duration | 41.2 s |"));
}

// Times are UTC and durations their own, wherever the machine stands and whatever its clocks do in spring.
TEST(IncidentReport, IsTheSameInEveryTimeZone) {
  const Incident incident = an_incident();
  const IncidentReport report{incident, {}, kStarted + seconds(100)};
  const std::string markdown = incident_markdown(report), json = incident_json(report);
  const char* before = std::getenv("TZ");
  const std::string kept = before != nullptr ? before : "";
  for (const char* zone : {"Asia/Kolkata", "America/New_York", "Pacific/Chatham"}) {
    ::setenv("TZ", zone, 1);
    ::tzset();
    EXPECT_EQ(incident_markdown(report), markdown) << zone;
    EXPECT_EQ(incident_json(report), json) << zone;
  }
  before != nullptr ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
}

TEST(IncidentReport, NeverTellsANegativeTime) {
  Incident incident = an_open_incident();
  incident.detection = incident.duration = -seconds(5);
  const IncidentReport report{incident, {}, incident.onset - std::chrono::hours(1)};
  EXPECT_THAT(incident_markdown(report), HasSubstr("Open for less than 1 ms"));
  const auto json = boost::json::parse(incident_json(report));
  EXPECT_EQ(json.at("duration_seconds").as_double(), 0);
  EXPECT_EQ(json.at("detection_seconds").as_double(), 0);
}

TEST(IncidentReport, SaysThatAnOpenOneIsOpenAndForHowLong) {
  const Incident incident = an_open_incident();
  const IncidentReport report{incident, {{}}, incident.onset + seconds(200)};
  EXPECT_THAT(incident_markdown(report),
              AllOf(HasSubstr("**Open for 3 min 20 s.**"), HasSubstr("not yet: it is open"),
                    HasSubstr("None is known."), HasSubstr("Held back by | maintenance: upgrade")));
  const auto json = boost::json::parse(incident_json(report));
  EXPECT_TRUE(json.at("open").as_bool());
  EXPECT_TRUE(json.at("recovered").is_null());
  EXPECT_EQ(json.at("duration_seconds").as_double(), 200);
}

TEST(IncidentReport, TakesNothingFromOutsideForMarkup) {
  Incident incident = an_incident();
  const std::string hostile = "<script>alert(1)</script> [x](javascript:y) `a` | b\n# c\x1b[31m\xe2\x80\xae";
  incident.target = incident.address = incident.severity = incident.held_by = incident.failure.detail =
      hostile;
  incident.labels = {{hostile, hostile}};
  incident.runbook_url = "javascript:alert(1)";
  incident.timeline = {{incident.onset, hostile, hostile}};
  incident.evidence =
      R"({"trace":[{"seconds":1,"text":"```\n</pre><b>"}],"facts":[{"metric":"<i>","value":1}]})";
  const IncidentReport report{incident, {}, kStarted};
  const std::string html = incident_html(report);
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("href")), Not(HasSubstr("<b>")),
                          Not(HasSubstr("<i>")), Not(HasSubstr("\x1b")), Not(HasSubstr("\xe2\x80\xae"))));
  const std::string markdown = incident_markdown(report);
  EXPECT_THAT(markdown,
              AllOf(HasSubstr("\\<script\\>alert(1)"), HasSubstr("\\[x\\](javascript"),
                    HasSubstr("\\`a\\` \\| b\\\\n\\# c"), HasSubstr("````text\n"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(incident_html_page(report), Not(HasSubstr("<script")));
}

TEST(IncidentReport, BearsEvidenceOfAnotherVersion) {
  Incident incident = an_incident();
  for (const std::string evidence :
       {"", "{", "[]", "{}", R"({"stages":5,"facts":[1,{}],"trace":{},"advice":[null],
       "started":"x","certificates":[{"names":5}],"seconds":-1e300})"}) {
    incident.evidence = evidence;
    const IncidentReport report{incident, {}, kStarted};
    EXPECT_THAT(incident_markdown(report), HasSubstr("## Evidence")) << evidence;
    EXPECT_THAT(incident_markdown(report), HasSubstr("openssl s_client")) << evidence;
    EXPECT_EQ(boost::json::parse(incident_json(report)).at("id").as_string(), std::string_view(incident.id));
  }
}

TEST(IncidentReport, SummaryHasNoEvidence) {
  const auto json = boost::json::parse(incident_summary_json(an_incident(), kStarted));
  EXPECT_FALSE(json.as_object().contains("evidence"));
  EXPECT_EQ(json.at("failure").at("cause"), "closed");
  EXPECT_EQ(json.at("onset"), "2026-11-23T08:25:40.042Z");
}

}  // namespace
}  // namespace lookout::test
