#include "exporter/external_url.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

struct UrlCase {
  const char* name;
  const char* url;
  std::optional<std::string> expected;  // nullopt: refused, for quotes that a shell left
};

class ExternalUrl : public ::testing::TestWithParam<UrlCase> {};

TEST_P(ExternalUrl, IsTakenOrRefused) { EXPECT_EQ(normal_external_url(GetParam().url), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Flag, ExternalUrl,
    ::testing::Values(
        UrlCase{"EXT_001", "", ""},
        UrlCase{"EXT_002", "http://proxy.com/prometheus", "http://proxy.com/prometheus"},
        UrlCase{"EXT_003", "'https://url/prometheus'", std::nullopt},
        UrlCase{"EXT_004", "'relative/path/with/quotes'", std::nullopt},
        UrlCase{"EXT_005", "http://alertmanager.company.com", "http://alertmanager.company.com"},
        UrlCase{"EXT_006", "https://double--dash.de", "https://double--dash.de"},
        UrlCase{"EXT_007", "'https://url", std::nullopt}, UrlCase{"EXT_008", "https://url\"", std::nullopt},
        UrlCase{"SlashesAtTheEnd", "http://alertmanager.company.com//", "http://alertmanager.company.com"}),
    [](const auto& info) { return std::string(info.param.name); });

struct PrefixCase {
  const char* prefix;
  const char* url;
  const char* expected;
};

TEST(RoutePrefix, IsTheFlagElseThePathOfTheExternalUrl) {
  for (const PrefixCase& given :
       {PrefixCase{"", "", "/"}, PrefixCase{"/", "http://h/x", "/"}, PrefixCase{"x", "", "/x/"},
        PrefixCase{"//x/y//", "http://h/z", "/x/y/"}, PrefixCase{"", "http://h", "/"},
        PrefixCase{"", "http://h/x/y?q=/z", "/x/y/"}, PrefixCase{"", "relative/path", "/relative/path/"}}) {
    EXPECT_EQ(normal_route_prefix(given.prefix, given.url), given.expected)
        << given.prefix << " " << given.url;
  }
}

}  // namespace
}  // namespace lookout
