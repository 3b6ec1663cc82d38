// How long a probe of /probe may take, and how pages say times.
#include <gtest/gtest.h>

#include "exporter/serve/page_text.h"
#include "exporter/serve/probe_page.h"

namespace lookout {
namespace {

using std::chrono::milliseconds;

TEST(ServeTimeout, FollowsTheScraperAndTheModule) {
  struct Case {
    milliseconds module;
    std::optional<double> header;
    double offset;
    milliseconds expected;
  };
  const auto none = std::nullopt;
  const Case cases[]{
      {milliseconds(0), 15, 0.5, milliseconds(14500)},        // HDL-006
      {milliseconds(0), 15, 0, milliseconds(15000)},          // HDL-007
      {milliseconds(20000), 15, 0.5, milliseconds(14500)},    // HDL-008
      {milliseconds(20000), 15, 0, milliseconds(15000)},      // HDL-009
      {milliseconds(5000), 15, 0, milliseconds(5000)},        // HDL-010
      {milliseconds(5000), 15, 0.5, milliseconds(5000)},      // HDL-011
      {milliseconds(10000), none, 0.5, milliseconds(10000)},  // HDL-012
      {milliseconds(10000), 10, 0.5, milliseconds(9500)},     // HDL-013
      {milliseconds(9500), none, 0.5, milliseconds(9500)},    // HDL-014
      {milliseconds(9500), none, 1, milliseconds(9500)},      // HDL-015
      {milliseconds(0), none, 0.5, milliseconds(119500)},     // HDL-016
      {milliseconds(0), none, 0, milliseconds(120000)},       // HDL-017
      {milliseconds(0), 0, 0.5, milliseconds(119500)},
      {milliseconds(0), 0.5, 0.5, milliseconds(0)},
      {milliseconds(0), 0.2, 0.5, milliseconds(0)},
      {milliseconds(3000), 0.2, 0.5, milliseconds(3000)},
      {milliseconds(3000), -1, 0.5, milliseconds(3000)},
      {milliseconds(0), 1e300, 0.5, std::chrono::hours(24)},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(effective_timeout(c.module, c.header, c.offset), c.expected)
        << c.module.count() << " ms, " << c.header.value_or(-0.0) << " s, offset " << c.offset;
  }
  EXPECT_EQ(effective_timeout(Duration::zero(), std::numeric_limits<double>::quiet_NaN(), 0.5),
            Duration::zero());
}

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
  record.state.row_start = WallTime(milliseconds(5));
  record.last = std::make_shared<ProbeResult>();
  EXPECT_EQ(state_in_words(record), "up");
  EXPECT_EQ(in_state_since(record), WallTime(milliseconds(5)));

  record.state.state = State::down;
  record.state.successes_in_row = 0;
  const Failure failure{Stage::connect, Cause::refused, "127.0.0.1:80 \xFF"};
  record.state.incident = OpenIncident{WallTime(milliseconds(1000)), WallTime(milliseconds(2000)), failure};
  EXPECT_EQ(state_in_words(record),
            "down since 1970-01-01T00:00:01.000Z: " + std::string(sentence(Cause::refused)) +
                " (connect/refused): 127.0.0.1:80 \xEF\xBF\xBD");
  EXPECT_EQ(in_state_since(record), WallTime(milliseconds(1000)));
}

}  // namespace
}  // namespace lookout
