#include "exporter/config/target_checks.h"

#include <vector>

#include <gtest/gtest.h>

namespace lookout {
namespace {

using namespace std::chrono_literals;

TEST(TargetChecks, Texts) {
  for (const char* text : {"shop", "a b", "http://[::1]:80/x?y", "gr\xC3\xBC\xC3\x9F"}) {
    EXPECT_EQ(complain_about_name(text), std::nullopt) << text;
    EXPECT_EQ(complain_about_address(text), std::nullopt) << text;
  }
  for (const char* text : {"", " ", " a", "a ", "a\tb", "a\x7F", "\xFF"}) {
    EXPECT_TRUE(complain_about_name(text)) << text;
    EXPECT_TRUE(complain_about_address(text)) << text;
  }
}

TEST(TargetChecks, PasswordsAreNoNames) {
  EXPECT_TRUE(complain_about_name("http://me:hush@host/"));
  EXPECT_FALSE(complain_about_address("http://me:hush@host/"));
  EXPECT_EQ(complain_about_name("http://me:hush@host/")->find("hush"), std::string::npos);
  EXPECT_EQ(complain_about_address("http://me:hush@host/\n")->find("hush"), std::string::npos);
}

TEST(TargetChecks, Times) {
  EXPECT_FALSE(complain_about_interval(10ms));
  EXPECT_TRUE(complain_about_interval(9ms));
  EXPECT_TRUE(complain_about_interval(-5s));
  EXPECT_FALSE(complain_about_timeout(5s, TargetMode::interval, 5s));
  EXPECT_TRUE(complain_about_timeout(5001ms, TargetMode::interval, 5s));
  EXPECT_FALSE(complain_about_timeout(1h, TargetMode::scrape, 5s));
  EXPECT_TRUE(complain_about_timeout(0s, TargetMode::scrape, 5s));
  EXPECT_TRUE(complain_about_timeout(-1s, TargetMode::interval, 5s));
  EXPECT_FALSE(complain_about_timeout(5s, TargetMode::interval, 0s)) << "the interval is the fault";
  EXPECT_FALSE(complain_about_threshold(1));
  EXPECT_TRUE(complain_about_threshold(0));
}

TEST(TargetChecks, Labels) {
  for (const char* name : {"team", "_x", "a1", "A_b", "Target"})
    EXPECT_FALSE(complain_about_label(name, "x")) << name;
  for (const char* name : {"", "1a", "a-b", "a.b", "__a", "\xC3\xBC", "target", "module", "address",
                           "severity", "checkpoint", "state", "verdict", "stage", "cause", "drill"}) {
    EXPECT_TRUE(complain_about_label(name, "x")) << name;
  }
  EXPECT_TRUE(complain_about_label("team", "\xFF"));
}

TEST(TargetChecks, Runbooks) {
  for (const char* url : {"", "https://example.org/x", "http://a"})
    EXPECT_FALSE(complain_about_runbook(url)) << url;
  for (const char* url : {"javascript:alert(1)", "example.org", "https://a b", "https://a\n"}) {
    EXPECT_TRUE(complain_about_runbook(url)) << url;
  }
}

}  // namespace
}  // namespace lookout
