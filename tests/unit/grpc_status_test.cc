#include "probes/grpc/grpc_status.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

GrpcResponse responding(std::string status, std::string body = {}) {
  return {.http_status = 200,
          .content_type = "application/grpc",
          .status = std::move(status),
          .message = {},
          .body = std::move(body),
          .trailers = true,
          .ended = true};
}

struct Told {
  std::uint32_t code;
  Cause cause;
  bool operator==(const Told&) const = default;
};
void PrintTo(const Told& told, std::ostream* out) { *out << told.code << " " << name(told.cause); }

Told told(const GrpcEnding& ending) { return {static_cast<std::uint32_t>(ending.code), ending.cause}; }

TEST(GrpcStatus, one_whole_message_is_ok) {
  const GrpcEnding ending = judge_response(responding("0", grpc_frame("hello")));
  EXPECT_EQ(ending.code, GrpcCode::ok);
  EXPECT_EQ(ending.message, "hello");
  EXPECT_EQ(judge_response(responding("0", grpc_frame(""))).code, GrpcCode::ok);
}

TEST(GrpcStatus, a_frame_has_its_length_before_it) {
  EXPECT_EQ(grpc_frame(std::string(258, 'x')).substr(0, 6), std::string("\0\0\0\1\2x", 6));
}

TEST(GrpcStatus, content_types_of_grpc) {
  for (const char* type : {"application/grpc", "application/grpc+proto", "application/grpc;charset=x"}) {
    GrpcResponse response = responding("0", grpc_frame(""));
    response.content_type = type;
    EXPECT_EQ(judge_response(response).code, GrpcCode::ok) << type;
  }
  for (const char* type : {"", "text/html", "application/grpc-web", "application/json"}) {
    GrpcResponse response = responding("0", grpc_frame(""));
    response.content_type = type;
    EXPECT_EQ(told(judge_response(response)), (Told{2, Cause::protocol})) << type;
  }
}

TEST(GrpcStatus, codes_have_causes) {
  const std::map<std::string, Told> expected{
      {"1", {1, Cause::status}},     {"2", {2, Cause::status}},     {"4", {4, Cause::timeout}},
      {"5", {5, Cause::not_found}},  {"7", {7, Cause::refused}},    {"8", {8, Cause::status}},
      {"12", {12, Cause::protocol}}, {"14", {14, Cause::status}},   {"16", {16, Cause::refused}},
      {"99", {99, Cause::status}},   {"", {13, Cause::protocol}},   {"-1", {13, Cause::protocol}},
      {"x", {13, Cause::protocol}},  {"0 ", {13, Cause::protocol}}, {"99999999999", {13, Cause::protocol}}};
  for (const auto& [status, wanted] : expected)
    EXPECT_EQ(told(judge_response(responding(status))), wanted) << status;
}

TEST(GrpcStatus, the_servers_words_are_shown) {
  GrpcResponse response = responding("5");
  response.message = "no such service: %22a%2Fb%22 100% %zz %e4%BD%a0";
  EXPECT_EQ(judge_response(response).detail,
            "the call ended with NOT_FOUND: no such service: \"a/b\" 100% %zz \xe4\xbd\xa0");
  response.status = "17";
  response.message = "";
  EXPECT_EQ(judge_response(response).detail, "the call ended with code 17");
}

TEST(GrpcStatus, http_instead_of_grpc) {
  const std::map<int, Told> expected{{400, {13, Cause::status}}, {401, {16, Cause::refused}},
                                     {403, {7, Cause::refused}}, {404, {12, Cause::protocol}},
                                     {429, {14, Cause::status}}, {502, {14, Cause::status}},
                                     {503, {14, Cause::status}}, {504, {14, Cause::status}},
                                     {500, {2, Cause::status}},  {302, {2, Cause::status}}};
  for (const auto& [status, wanted] : expected) {
    GrpcResponse response = responding("0", grpc_frame(""));
    response.http_status = status;
    EXPECT_EQ(told(judge_response(response)), wanted) << status;
  }
}

TEST(GrpcStatus, a_response_without_status) {
  GrpcResponse response = responding("0", grpc_frame(""));
  response.status.reset();
  EXPECT_EQ(told(judge_response(response)), (Told{2, Cause::protocol}));
  response.trailers = false;
  EXPECT_EQ(told(judge_response(response)), (Told{13, Cause::protocol}));
}

TEST(GrpcStatus, bodies_that_are_not_one_message) {
  using namespace std::string_literals;
  for (const std::string& body : {""s, "\0\0\0\0"s, grpc_frame("a") + grpc_frame("b"), "\0\0\0\0\2a"s,
                                  "\0\xff\xff\xff\xff"
                                  "a"s,
                                  "\1\0\0\0\1a"s, "<html></html>"s}) {
    EXPECT_EQ(told(judge_response(responding("0", body))), (Told{13, Cause::protocol}))
        << ::testing::PrintToString(body);
  }
}

TEST(GrpcStatus, resets) {
  const std::map<std::uint32_t, Told> expected{{0x0, {13, Cause::protocol}}, {0x1, {13, Cause::protocol}},
                                               {0x3, {8, Cause::protocol}},  {0x7, {14, Cause::refused}},
                                               {0x8, {1, Cause::closed}},    {0xb, {8, Cause::refused}},
                                               {0xc, {7, Cause::refused}},   {0xffff, {13, Cause::protocol}}};
  for (const auto& [code, wanted] : expected) EXPECT_EQ(told(judge_reset(code, "NAME")), wanted) << code;
  EXPECT_EQ(judge_reset(7, "REFUSED_STREAM").detail, "the stream was reset: REFUSED_STREAM");
}

}  // namespace
}  // namespace lookout
