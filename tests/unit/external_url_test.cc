#include "exporter/external_url.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

TEST(ExternalUrl, RefusesQuotesThatAShellLeft) {
  for (const char* bad :
       {"'https://url/prometheus'", "'relative/path/with/quotes'", "'http://half", "http://half\""}) {
    EXPECT_EQ(normal_external_url(bad), std::nullopt) << bad;
  }
}

TEST(ExternalUrl, LosesSlashesAtItsEnd) {
  EXPECT_EQ(normal_external_url(""), "");
  EXPECT_EQ(normal_external_url("http://proxy.com/prometheus"), "http://proxy.com/prometheus");
  EXPECT_EQ(normal_external_url("http://alertmanager.company.com//"), "http://alertmanager.company.com");
  EXPECT_EQ(normal_external_url("https://double--dash.de"), "https://double--dash.de");
}

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
