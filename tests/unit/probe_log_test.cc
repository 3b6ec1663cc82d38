// What the log says of probes on request, at which level.
#include "exporter/probe_log.h"

#include <gtest/gtest.h>

#include "exporter/log.h"

namespace lookout {
namespace {

ProbeRecord record(bool success) {
  auto result = std::make_shared<ProbeResult>();
  result->verdict = success ? Verdict::up : Verdict::down;
  result->trace = {{std::chrono::milliseconds(1), "connected to somewhere"}};
  result->duration = std::chrono::milliseconds(12);
  if (!success) result->failure = Failure{Stage::response, Cause::status, "it said 500"};
  return {7, std::make_shared<const Module>(Module{"http_2xx", {}, HttpConfig{}}),
          Target{"http://user:hush@h/", {}}, std::move(result)};
}

std::string logged(LogLevel prober, bool success, LogFormat format = LogFormat::logfmt) {
  configure_log(LogLevel::error, prober, format);
  ::testing::internal::CaptureStderr();
  log_probe(record(success));
  std::string text = ::testing::internal::GetCapturedStderr();
  configure_log(LogLevel::info, LogLevel::info, LogFormat::logfmt);
  return text;
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(ProbeLog, HDL_004_AtInfoSaysOneLineOfAFailureAndNoDetail) {
  const std::string text = logged(LogLevel::info, false);
  EXPECT_TRUE(says(text, " level=ERROR msg=\"Probe failed\" module=http_2xx target=")) << text;
  EXPECT_TRUE(says(text, " stage=response cause=status err=\"it said 500\"\n")) << text;
  EXPECT_FALSE(says(text, "connected to somewhere")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_EQ(logged(LogLevel::info, true), "");
}

TEST(ProbeLog, HDL_005_AtDebugSaysAll) {
  const std::string text = logged(LogLevel::debug, false);
  EXPECT_TRUE(says(text, "level=DEBUG msg=\"connected to somewhere\" module=http_2xx")) << text;
  EXPECT_TRUE(says(text, "msg=\"Probe failed\"")) << text;
  EXPECT_TRUE(says(logged(LogLevel::debug, true), "level=DEBUG msg=\"Probe succeeded\"")) << text;
}

TEST(ProbeLog, NeverSaysAPassword) {
  for (const LogFormat format : {LogFormat::logfmt, LogFormat::json}) {
    const std::string text = logged(LogLevel::debug, false, format);
    EXPECT_FALSE(says(text, "hush")) << text;
    EXPECT_TRUE(says(text, "user:xxxxx@h")) << text;
  }
}

}  // namespace
}  // namespace lookout
