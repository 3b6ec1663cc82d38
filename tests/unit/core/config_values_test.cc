#include "probes/core/config_values.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace lookout {
namespace {

using namespace std::chrono_literals;

TEST(Durations, AreReadByGosRules) {
  const std::vector<std::pair<std::string_view, std::optional<Duration>>> cases{
      {"5s", 5s},
      {"300ms", 300ms},
      {"1m30s", 90s},
      {"1.5s", 1500ms},
      {"2h", 2h},
      {"-1.5h", -90min},
      {"+5s", 5s},
      {".5s", 500ms},
      {"5.s", 5s},
      {"1us", 1us},
      {"1\xC2\xB5s", 1us},
      {"1\xCE\xBCs", 1us},
      {"7ns", 7ns},
      {"0", 0ns},
      {"0s", 0ns},
      {"0.3333333333333333333s", 333333333ns},
      {"2562047h47m16.854775807s", Duration::max()},
      {"", {}},
      {"5", {}},
      {"5.5", {}},
      {"s", {}},
      {".s", {}},
      {"5 s", {}},
      {" 5s", {}},
      {"5S", {}},
      {"1d", {}},
      {"1w", {}},
      {"1h-5m", {}},
      {"--5s", {}},
      {"2562047h47m16.854775808s", {}},
      {"99999999999999999999s", {}},
      {"1e3s", {}},
      {"5sec", {}},
  };
  for (const auto& [text, duration] : cases) EXPECT_EQ(parse_duration(text), duration) << text;
}

TEST(Durations, ArePrintedAsTheyAreRead) {
  const std::vector<std::pair<Duration, std::string_view>> cases{
      {0s, "0s"},
      {5s, "5s"},
      {1500ms, "1.5s"},
      {90s, "1m30s"},
      {1h, "1h"},
      {3601s, "1h1s"},
      {300ms, "300ms"},
      {1500us, "1.5ms"},
      {12us, "12us"},
      {7ns, "7ns"},
      {-90s, "-1m30s"},
      {15min + 1ms, "15m0.001s"},
      {Duration::max(), "2562047h47m16.854775807s"},
  };
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(print_duration(duration), text);
    EXPECT_EQ(parse_duration(text), duration) << text;
  }
}

TEST(ByteSizes, NeedAUnitAndArePowersOf1024) {
  constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::pair<std::string_view, std::optional<std::int64_t>>> cases{
      {"1B", 1},
      {"1KB", 1024},
      {"1KiB", 1024},
      {"1MB", 1 << 20},
      {"1.5KiB", 1536},
      {"2GiB", 2LL << 30},
      {"1TB", 1LL << 40},
      {"1PB", 1LL << 50},
      {"7EB", 7LL << 60},
      {"1GiB512MiB", 1536LL << 20},
      {"0", 0},
      {"-1MB", kUnlimited},
      {"-5B", kUnlimited},
      {"1", {}},
      {"1kB", {}},
      {"1kb", {}},
      {"1mb", {}},
      {"MB", {}},
      {"", {}},
      {"8EB", {}},
      {"1 MB", {}},
      {"1M", {}},
  };
  for (const auto& [text, bytes] : cases) {
    const std::optional<ByteSize> size = parse_byte_size(text);
    EXPECT_EQ(size.has_value(), bytes.has_value()) << text;
    if (size && bytes) EXPECT_EQ(size->bytes, *bytes) << text;
  }
}

TEST(ByteSizes, ArePrintedAsTheyAreRead) {
  const std::vector<std::pair<std::int64_t, std::string_view>> cases{
      {0, "0B"},          {1, "1B"}, {1536, "1KiB512B"}, {1 << 20, "1MiB"}, {1536LL << 20, "1GiB512MiB"},
      {7LL << 60, "7EiB"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(print_byte_size({bytes}), text);
    EXPECT_EQ(parse_byte_size(text), ByteSize{bytes});
  }
  const ByteSize unlimited{std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(parse_byte_size(print_byte_size(unlimited)), unlimited);
}

}  // namespace
}  // namespace lookout
