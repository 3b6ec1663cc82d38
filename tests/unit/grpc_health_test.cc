#include "probes/grpc/grpc_health.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

TEST(GrpcHealth, a_request_carries_the_name_of_the_service) {
  EXPECT_EQ(health_request(""), "");
  EXPECT_EQ(health_request("abc"),
            "\x0a\x03"
            "abc");
  const std::string name(300, 'x');
  EXPECT_EQ(health_request(name), "\x0a\xac\x02" + name);
}

TEST(GrpcHealth, a_response_tells_a_number) {
  EXPECT_EQ(parse_health_response(""), 0U);  // a default is not written
  EXPECT_EQ(parse_health_response("\x08\x01"), kServing);
  EXPECT_EQ(parse_health_response("\x08\x02\x08\x01"), kServing);  // the last one counts
  EXPECT_EQ(parse_health_response("\x08\xac\x02"), 300U);
  EXPECT_EQ(parse_health_response("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), ~0ULL);  // -1
}

TEST(GrpcHealth, fields_of_later_versions_are_passed_over) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_health_response("\x12\x03"
                                  "abc"
                                  "\x08\x01"sv),
            kServing);
  EXPECT_EQ(parse_health_response("\x19"
                                  "12345678"
                                  "\x08\x01"sv),
            kServing);
  EXPECT_EQ(parse_health_response("\x25"
                                  "1234"
                                  "\x08\x01"sv),
            kServing);
  EXPECT_EQ(parse_health_response("\x28\xff\x01\x08\x01"sv), kServing);
  EXPECT_EQ(parse_health_response("\x0a\x01x\x08\x01"sv), kServing);  // the same number, another form
}

TEST(GrpcHealth, nonsense_is_no_response) {
  using namespace std::string_view_literals;
  for (std::string_view message : {"\x08"sv, "\x08\xff"sv,
                                   "\x12\x05"
                                   "abc"sv,
                                   "\x19"
                                   "1234567"sv,
                                   "\x25"
                                   "123"sv,
                                   "\x0b"sv, "\x00\x01"sv, "\x07\x01"sv, "<html>"sv,
                                   "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,
                                   "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv}) {
    EXPECT_EQ(parse_health_response(message), std::nullopt) << ::testing::PrintToString(message);
  }
}

}  // namespace
}  // namespace lookout
