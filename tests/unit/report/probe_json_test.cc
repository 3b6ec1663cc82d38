// `lookout probe --json`: the fields that scripts rely on.
#include <limits>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/report/report_fixtures.h"

namespace lookout::test {
namespace {

namespace json = boost::json;

json::object parsed(const ProbeResult& result) {
  const std::string text = probe_json(report_of(result));
  EXPECT_TRUE(text.ends_with("}\n"));
  return json::parse(text).as_object();
}

TEST(ProbeJson, HasTheFieldsOfAGoodProbe) {
  json::object out = parsed(a_good_probe());
  EXPECT_EQ(out.at("target"), "https://shop.example/health");
  EXPECT_EQ(out.at("module"), "http_2xx");
  EXPECT_EQ(out.at("prober"), "http");
  EXPECT_EQ(out.at("verdict"), "up");
  EXPECT_DOUBLE_EQ(out.at("started").as_double(), 1795422370.042);
  EXPECT_DOUBLE_EQ(out.at("seconds").as_double(), 0.01);
  EXPECT_DOUBLE_EQ(out.at("timeout_seconds").as_double(), 5);
  EXPECT_TRUE(out.at("failure").is_null());
  EXPECT_EQ(json::serialize(out.at("stages").at(0)), R"({"stage":"resolve","seconds":2.6E-5})");
  EXPECT_EQ(out.at("stages").as_array().size(), 4U);
  EXPECT_EQ(json::serialize(out.at("facts").at(2)),
            R"({"metric":"probe_http_duration_seconds","labels":{"phase":"resolve"},"value":1.3E-5})");
  EXPECT_EQ(out.at("facts").at(5).at("labels").at("issuer"),
            "CN=Example \"Root\",O=Gr\xc3\xbc\xc3\x9f"
            "e");
  EXPECT_EQ(json::serialize(out.at("trace").at(0)),
            R"({"seconds":5.3E-5,"text":"shop.example is 127.0.0.1"})");
  EXPECT_EQ(out.at("advice").as_array().size(), 1U);
}

TEST(ProbeJson, SaysWhyAProbeFailedAndWhatToDo) {
  json::object out = parsed(a_failed_probe());
  EXPECT_EQ(out.at("verdict"), "down");
  json::value& failure = out.at("failure");
  EXPECT_EQ(failure.at("stage"), "tls");
  EXPECT_EQ(failure.at("cause"), "closed");
  EXPECT_EQ(failure.at("meaning"), "the peer hung up in the middle");
  EXPECT_EQ(failure.at("detail"), "the peer hung up during the TLS handshake");
  EXPECT_THAT(std::string(out.at("advice").at(0).as_string()), testing::HasSubstr("openssl s_client"));
}

TEST(ProbeJson, HasTheChainAndTheAttempts) {
  json::object out = parsed(a_probe_with_a_chain());
  EXPECT_EQ(out.at("attempts"), 3);
  ASSERT_EQ(out.at("certificates").as_array().size(), 3U);
  EXPECT_EQ(json::serialize(out.at("certificates").at(0).at("names")),
            R"(["shop.example","www.shop.example","127.0.0.1"])");
  EXPECT_EQ(out.at("certificates").at(0).at("names_left_out"), 2);
  EXPECT_DOUBLE_EQ(out.at("certificates").at(1).at("not_after").as_double(), 1795422370 + 1000 * 86400.0);
  EXPECT_EQ(out.at("certificates").at(1).at("key"), "EC P-256");
  out = parsed(a_good_probe());
  EXPECT_EQ(out.at("attempts"), 1);
  EXPECT_TRUE(out.at("certificates").as_array().empty());
}

TEST(ProbeJson, IsJsonWhateverThePeerSays) {
  ProbeResult result = a_hostile_probe();
  result.facts.push_back({&kStatus, std::numeric_limits<double>::quiet_NaN(), ""});
  result.facts.push_back({&kLength, std::numeric_limits<double>::infinity(), ""});
  json::object out = parsed(result);
  EXPECT_TRUE(out.at("facts").at(1).at("value").is_null());
  EXPECT_TRUE(out.at("facts").at(2).at("value").is_null());
  EXPECT_THAT(std::string(out.at("facts").at(0).at("labels").at("subject").as_string()),
              testing::EndsWith("\nprobe_success 1"));
}

}  // namespace
}  // namespace lookout::test
