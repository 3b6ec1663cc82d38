// How long a probe of /probe may take, and how pages say times.
#include <gtest/gtest.h>

#include "exporter/serve/page_text.h"
#include "exporter/serve/probe_page.h"

namespace lookout {
namespace {

using std::chrono::milliseconds;

struct TimeoutCase {
  const char* name;
  int module_milliseconds;
  std::optional<double> header;
  double offset;
  int expected_milliseconds;
};

class EffectiveTimeout : public ::testing::TestWithParam<TimeoutCase> {};

TEST_P(EffectiveTimeout, FollowsTheScraperAndTheModule) {
  const TimeoutCase& c = GetParam();
  EXPECT_EQ(effective_timeout(milliseconds(c.module_milliseconds), c.header, c.offset),
            milliseconds(c.expected_milliseconds));
}

constexpr auto none = std::nullopt;
INSTANTIATE_TEST_SUITE_P(Serve, EffectiveTimeout,
                         ::testing::Values(TimeoutCase{"HDL_006", 0, 15, 0.5, 14500},         //
                                           TimeoutCase{"HDL_007", 0, 15, 0, 15000},           //
                                           TimeoutCase{"HDL_008", 20000, 15, 0.5, 14500},     //
                                           TimeoutCase{"HDL_009", 20000, 15, 0, 15000},       //
                                           TimeoutCase{"HDL_010", 5000, 15, 0, 5000},         //
                                           TimeoutCase{"HDL_011", 5000, 15, 0.5, 5000},       //
                                           TimeoutCase{"HDL_012", 10000, none, 0.5, 10000},   //
                                           TimeoutCase{"HDL_013", 10000, 10, 0.5, 9500},      //
                                           TimeoutCase{"HDL_014", 9500, none, 0.5, 9500},     //
                                           TimeoutCase{"HDL_015", 9500, none, 1, 9500},       //
                                           TimeoutCase{"HDL_016", 0, none, 0.5, 119500},      //
                                           TimeoutCase{"HDL_017", 0, none, 0, 120000},        //
                                           TimeoutCase{"OBS_003", 3000, 0.2, 0.5, 3000},      //
                                           TimeoutCase{"OBS_004", 0, 0.5, 0.5, 0},            //
                                           TimeoutCase{"HeaderZero", 0, 0, 0.5, 119500},      //
                                           TimeoutCase{"HeaderBelowOffset", 0, 0.2, 0.5, 0},  //
                                           TimeoutCase{"HeaderNegative", 3000, -1, 0.5, 3000},
                                           TimeoutCase{"HeaderEndless", 0, 1e300, 0.5, 24 * 3600 * 1000},
                                           TimeoutCase{"HeaderNoNumber", 0,
                                                       std::numeric_limits<double>::quiet_NaN(), 0.5, 0}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ServeTimeout, ReadsNumbersAsGoDoes) {
  for (const auto& [text, value] : std::initializer_list<std::pair<std::string_view, double>>{
           {"15", 15}, {"+15", 15}, {".5", .5}, {"5.", 5}, {"1e1", 10}, {"-3", -3}, {"1e-999", 0}}) {
    const auto read = parse_go_float(text);
    ASSERT_TRUE(std::holds_alternative<double>(read)) << text;
    EXPECT_EQ(std::get<double>(read), value) << text;
  }
  for (const std::string_view text : {"abc", "", " 1", "1 ", "1s", "+-1", "++1", "nan(x)", "0x", "1,5"}) {
    const auto read = parse_go_float(text);
    ASSERT_TRUE(std::holds_alternative<std::string_view>(read)) << text;
    EXPECT_EQ(std::get<std::string_view>(read), "invalid syntax") << text;
  }
  const auto large = parse_go_float("1e999");
  ASSERT_TRUE(std::holds_alternative<std::string_view>(large));
  EXPECT_EQ(std::get<std::string_view>(large), "value out of range");
}

TEST(ServePageText, SaysStates) {
  TargetRecord record;
  EXPECT_EQ(state_in_words(record), "unknown: not probed yet");
  EXPECT_EQ(in_state_since(record), std::nullopt);

  record.state.state = State::up;
  record.state.successes_in_row = 3;
  record.state.row_start = {WallTime(milliseconds(5)), {}};
  record.last = std::make_shared<ProbeResult>();
  EXPECT_EQ(state_in_words(record), "up");
  EXPECT_EQ(in_state_since(record), WallTime(milliseconds(5)));

  record.state.state = State::down;
  record.state.successes_in_row = 0;
  const Failure failure{Stage::connect, Cause::refused, "127.0.0.1:80 \xFF"};
  record.state.incident =
      Outage{{WallTime(milliseconds(1000)), {}}, {WallTime(milliseconds(2000)), {}}, failure, failure};
  EXPECT_EQ(state_in_words(record),
            "down since 1970-01-01T00:00:01.000Z: " + std::string(sentence(Cause::refused)) +
                " (connect/refused): 127.0.0.1:80 \xEF\xBF\xBD");
  EXPECT_EQ(in_state_since(record), WallTime(milliseconds(1000)));
}

}  // namespace
}  // namespace lookout
