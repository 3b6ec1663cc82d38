#include "probes/core/numbers.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lookout {
namespace {

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

TEST(Numbers, AreWrittenAsPrometheusWritesThem) {
  struct Case {
    double value;
    std::string_view text;
  };
  for (const Case& c : {
           Case{0, "0"},
           Case{-0.0, "-0"},
           Case{1, "1"},
           Case{-1, "-1"},
           Case{200, "200"},
           Case{123456, "123456"},
           Case{999999, "999999"},
           Case{-999999, "-999999"},
           Case{1e6, "1e+06"},
           Case{1234567, "1.234567e+06"},
           Case{-1e6, "-1e+06"},
           Case{1797995238, "1.797995238e+09"},
           Case{4e9, "4e+09"},
           Case{-62135596800.0, "-6.21355968e+10"},
           Case{9.3154e-05, "9.3154e-05"},
           Case{0.0001, "0.0001"},
           Case{0.00012345, "0.00012345"},
           Case{-0.5, "-0.5"},
           Case{0.1 + 0.2, "0.30000000000000004"},
           Case{100.5, "100.5"},
           Case{123456.75, "123456.75"},
           Case{999999.5, "999999.5"},
           Case{1000000.5, "1.0000005e+06"},
           Case{9.999999999999999e-05, "9.999999999999999e-05"},
           Case{1e-300, "1e-300"},
           Case{1.7976931348623157e308, "1.7976931348623157e+308"},
           Case{5e-324, "5e-324"},
           Case{std::numeric_limits<double>::infinity(), "+Inf"},
           Case{-std::numeric_limits<double>::infinity(), "-Inf"},
           Case{std::numeric_limits<double>::quiet_NaN(), "NaN"},
       }) {
    EXPECT_EQ(number(c.value), c.text);
  }
}

TEST(Numbers, ReadBackAsTheSameNumber) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300'000; ++i) {
    double value = std::bit_cast<double>(random());
    if (i % 3 == 1) value = static_cast<double>(random() % 20'000'000'000) / 1e9;
    if (i % 3 == 2) value = static_cast<double>(static_cast<std::int64_t>(random()) >> (random() % 60));
    if (!std::isfinite(value)) continue;
    const std::string text = number(value);
    double read = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
    ASSERT_EQ(error, std::errc()) << text;
    ASSERT_EQ(end, text.data() + text.size()) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(read), std::bit_cast<std::uint64_t>(value)) << text;
  }
}

TEST(Numbers, CountsStandInFull) {
  char buffer[kLongestNumber];
  EXPECT_EQ(std::string(buffer, write_number(buffer, std::uint64_t{12'345'678})), "12345678");
}

TEST(Numbers, CanonicalOnesLookLikeFloats) {
  const auto canonical = [](double value) {
    std::string out = "1.5e";  // what stands before must not matter
    append_canonical(out, value);
    return out.substr(4);
  };
  EXPECT_EQ(canonical(1), "1.0");
  EXPECT_EQ(canonical(10), "10.0");
  EXPECT_EQ(canonical(0.005), "0.005");
  EXPECT_EQ(canonical(1e6), "1e+06");
  EXPECT_EQ(canonical(HUGE_VAL), "+Inf");
  EXPECT_EQ(canonical(-HUGE_VAL), "-Inf");
  EXPECT_EQ(canonical(NAN), "NaN");
}

}  // namespace
}  // namespace lookout
