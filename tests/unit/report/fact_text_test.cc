// Facts and times as people read them.
#include "exporter/report/fact_text.h"

#include <limits>

#include <gtest/gtest.h>

#include "exporter/report/time_text.h"

namespace lookout {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

const WallTime kNow{std::chrono::seconds(1795422370)};  // 2026-11-23T08:26:10Z

std::string shown(std::string_view metric, double value) {
  const FactFamily family{metric, ""};
  return value_for_people({&family, value, ""}, kNow);
}

TEST(FactText, ShowsTheUnitOfTheName) {
  EXPECT_EQ(shown("probe_http_status_code", 200), "200");
  EXPECT_EQ(shown("probe_http_version", 1.1), "1.1");
  EXPECT_EQ(shown("probe_ip_addr_hash", 3668918509), "3668918509");
  EXPECT_EQ(shown("probe_dns_lookup_time_seconds", 0.0000134), "13 us");
  EXPECT_EQ(shown("probe_http_duration_seconds", 0), "0");
  EXPECT_EQ(shown("probe_http_duration_seconds", 1.5), "1.5 s");
  EXPECT_EQ(shown("probe_http_content_length", -1), "not announced");
  EXPECT_EQ(shown("probe_http_content_length", 3), "3 bytes");
  EXPECT_EQ(shown("probe_http_uncompressed_body_length", 1536), "1.5 KiB (1536 bytes)");
  EXPECT_EQ(shown("probe_http_content_length", 5.0 * 1024 * 1024 * 1024), "5.0 GiB (5368709120 bytes)");
}

TEST(FactText, ShowsMomentsAsDatesAndHowFarTheyAre) {
  EXPECT_EQ(shown("probe_ssl_earliest_cert_expiry", 1795422370 + 30 * 86400.0),
            "2026-12-23 08:26:10 UTC, in 30 days");
  EXPECT_EQ(shown("probe_ssl_earliest_cert_expiry", 1795422370 - 3600.0),
            "2026-11-23 07:26:10 UTC, 1 h 0 min ago");
  EXPECT_EQ(shown("probe_http_last_modified_timestamp_seconds", 1795422370 - 20.0),
            "2026-11-23 08:25:50 UTC, 20 s ago");
  EXPECT_EQ(shown("probe_ssl_last_chain_expiry_timestamp_seconds", -62135596800),
            "none: nothing was verified");
}

TEST(FactText, SurvivesWhatIsNoNumber) {
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(shown("x_seconds", std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(shown("x_expiry", infinite), "+Inf");
  EXPECT_EQ(shown("x_length", -infinite), "-Inf");
  EXPECT_EQ(shown("x_timestamp_seconds", 1e300).substr(0, 3), "1e+");
  EXPECT_EQ(shown("x_seconds", 1e300), "1e+300 s");
  EXPECT_EQ(shown("x_seconds", -1), "-1 s");
}

TEST(FactText, TakesLabelsApartAsTheyWerePutTogether) {
  const std::vector<std::pair<std::string, std::string>> labels{
      {"a", ""}, {"b", "x,y=\"z\""}, {"c", "back\\slash\nline\\n"}, {"d", "\xc3\xa9"}};
  const FactFamily family{"probe_expect_info", ""};
  EXPECT_EQ(labels_of({&family, 1, render_labels(labels)}), labels);
  EXPECT_TRUE(labels_of({&family, 1, ""}).empty());
  for (const char* broken : {"a", "a=", "a=\"", "a=\"x", "a=\"x\\", ",", "\""})
    labels_of({&family, 1, broken});
}

TEST(TimeText, SaysDurationsInThreeDigitsAndNeverAnExponent) {
  const std::pair<Duration, std::string_view> cases[]{{microseconds(850), "850 us"},
                                                      {std::chrono::nanoseconds(999'600), "1 ms"},
                                                      {microseconds(12'300), "12.3 ms"},
                                                      {microseconds(99'960), "100 ms"},
                                                      {microseconds(999'400), "999 ms"},
                                                      {microseconds(999'700), "1 s"},
                                                      {milliseconds(1500), "1.5 s"},
                                                      {milliseconds(59'990), "60 s"},
                                                      {std::chrono::seconds(200), "3 min 20 s"},
                                                      {std::chrono::minutes(125), "2 h 5 min"},
                                                      {std::chrono::hours(99), "4 d 3 h"},
                                                      {milliseconds(-5), "0 us"}};
  for (const auto& [duration, text] : cases) EXPECT_EQ(for_people(duration), text);
}

TEST(TimeText, SaysDatesThatExistOnly) {
  EXPECT_EQ(rfc3339(WallTime(milliseconds(1795422370042))), "2026-11-23T08:26:10.042Z");
  EXPECT_EQ(rfc3339(WallTime(milliseconds(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_for_people(0), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(utc_for_people(-0.5), "1969-12-31 23:59:59 UTC");
  EXPECT_EQ(utc_for_people(253402300799), "9999-12-31 23:59:59 UTC");
  EXPECT_EQ(utc_for_people(1e12), "");
  EXPECT_EQ(utc_for_people(std::numeric_limits<double>::quiet_NaN()), "");
}

}  // namespace
}  // namespace lookout
