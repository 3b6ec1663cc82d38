// The table of advice has no gap, no row twice, and no placeholder left in what people read.
#include "exporter/report/advice.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/report/probe_place.h"

namespace lookout {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<Failure> every_failure() {
  std::vector<Failure> all;
  for (std::size_t stage = 0; stage < kStageCount; ++stage) {
    for (std::size_t cause = 0; cause < kCauseCount; ++cause) {
      all.push_back({static_cast<Stage>(stage), static_cast<Cause>(cause), ""});
    }
  }
  return all;
}

TEST(Advice, SaysSomethingOfEveryFailure) {
  for (const Failure& failure : every_failure()) {
    for (const std::string_view kind :
         {"http", "tcp", "dns", "icmp", "grpc", "unix", "udp", "websocket", ""}) {
      const std::string text = advice(failure, kind, "example.org:25");
      EXPECT_GT(text.size(), 40U) << key(failure);
      EXPECT_THAT(text, Not(HasSubstr("{h"))) << key(failure);
      EXPECT_TRUE(text.ends_with('.') || text.ends_with('?')) << text;
    }
  }
}

TEST(Advice, HasARowOnceAndOneForKindsWithoutTheirOwn) {
  std::set<std::tuple<Stage, Cause, std::string_view>> seen;
  for (const AdviceRow& row : advice_rows()) {
    const Failure failure{row.stage, row.cause, ""};
    EXPECT_TRUE(seen.emplace(row.stage, row.cause, row.kind).second) << key(failure) << " " << row.kind;
    EXPECT_EQ(find_advice(failure, row.kind), &row);
    const AdviceRow* for_any = find_advice(failure, "a kind to come");
    ASSERT_NE(for_any, nullptr) << key(failure);
    EXPECT_EQ(for_any->kind, "");
  }
}

TEST(Advice, NamesThePlace) {
  const Failure refused{Stage::connect, Cause::refused, ""};
  EXPECT_THAT(advice(refused, "tcp", "10.0.0.1:5432"), HasSubstr("`ss -ltn 'sport = :5432'`"));
  EXPECT_THAT(advice(refused, "http", "https://shop.example/x"), HasSubstr("port 443"));
  const Failure expired{Stage::tls, Cause::closed, ""};
  EXPECT_THAT(advice(expired, "tcp", "[::1]:25"), HasSubstr("-connect [::1]:25`"));
  const Failure status{Stage::response, Cause::status, ""};
  EXPECT_THAT(advice(status, "http", "http://a/?b=c&d"), HasSubstr("`curl -i 'http://a/?b=c&d'`"));
}

// Advice is pasted into shells.
TEST(Advice, TakesNothingFromATargetThatAShellWouldRun) {
  const Failure refused{Stage::connect, Cause::refused, ""};
  EXPECT_THAT(advice(refused, "tcp", "a:1';reboot;'"), HasSubstr(":PORT'"));
  const Failure status{Stage::response, Cause::status, ""};
  EXPECT_THAT(advice(status, "http", "http://a/';reboot;'"), HasSubstr("`curl -i TARGET`"));
  const Failure timeout{Stage::resolve, Cause::timeout, ""};
  EXPECT_THAT(advice(timeout, "icmp", "$(reboot)"), HasSubstr("`dig HOST`"));
}

TEST(ProbePlace, IsReadFromEveryFormOfTarget) {
  const std::tuple<std::string_view, std::string_view, ProbePlace> cases[]{
      {"http://example.org/x", "http", {"example.org", "80"}},
      {"HTTPS://user:pw@example.org?x=a@b", "http", {"example.org", "443"}},
      {"https://[::1]:8443/", "http", {"::1", "8443"}},
      {"example.org", "http", {"example.org", "80"}},
      {"example.org:25", "tcp", {"example.org", "25"}},
      {"[fe80::1]:25", "tcp", {"fe80::1", "25"}},
      {"10.0.0.53", "dns", {"10.0.0.53", "53"}},
      {"2001:db8::53", "dns", {"2001:db8::53", "53"}},
      {"example.org", "icmp", {"example.org", ""}},
      {"wss://example.org", "websocket", {"example.org", "443"}},
      {"[::1", "tcp", {"", ""}},
      {"/run/x.sock", "unix", {"", ""}},
  };
  for (const auto& [target, kind, place] : cases) EXPECT_EQ(place_of(target, kind), place) << target;
}

}  // namespace
}  // namespace lookout
