#include "probes/grpc/grpc_status.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kPrefix =
    5;  // of each message: a byte that says whether it is compressed, four of length

constexpr std::array<std::string_view, 17> kCodeNames{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string name_of(GrpcCode code) {
  const auto number = static_cast<std::uint32_t>(code);
  return number < kCodeNames.size() ? std::string(kCodeNames[number]) : fmt::format("code {}", number);
}

// gRPC's own table for answers of proxies and other servers that know nothing of it.
GrpcCode code_of_http(int status) {
  switch (status) {
    case 400:
      return GrpcCode::internal;
    case 401:
      return GrpcCode::unauthenticated;
    case 403:
      return GrpcCode::permission_denied;
    case 404:
      return GrpcCode::unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcCode::unavailable;
    default:
      return GrpcCode::unknown;
  }
}

Cause cause_of(GrpcCode code) {
  switch (code) {
    case GrpcCode::deadline_exceeded:
      return Cause::timeout;
    case GrpcCode::not_found:
      return Cause::not_found;
    case GrpcCode::permission_denied:
    case GrpcCode::unauthenticated:
      return Cause::refused;
    case GrpcCode::unimplemented:
      return Cause::protocol;
    default:
      return Cause::status;
  }
}

bool is_grpc(std::string_view content_type) {
  constexpr std::string_view kType = "application/grpc";
  if (!content_type.starts_with(kType)) return false;
  content_type.remove_prefix(kType.size());
  return content_type.empty() || content_type.front() == '+' || content_type.front() == ';';
}

int hex_value(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at % 16);
}

// What is no escape stays as it is: the text is for people.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

GrpcEnding wrong(GrpcCode code, std::string detail) { return {code, Cause::protocol, std::move(detail), {}}; }

// The one message of a call that is ok.
GrpcEnding open_body(std::string_view body) {
  if (body.size() < kPrefix) return wrong(GrpcCode::internal, "the call is OK, but no message came");
  if (body[0] != 0) return wrong(GrpcCode::internal, "the message is compressed, which nobody offered");
  std::size_t size = 0;
  for (const char byte : body.substr(1, 4)) size = size << 8 | static_cast<std::uint8_t>(byte);
  if (size != body.size() - kPrefix) {
    return wrong(GrpcCode::internal, fmt::format("a message of {} bytes is announced, and {} bytes came",
                                                 size, body.size() - kPrefix));
  }
  return {GrpcCode::ok, {}, {}, std::string(body.substr(kPrefix))};
}

}  // namespace

std::string grpc_frame(std::string_view message) {
  std::string frame(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(message.size() >> shift & 0xff);
  return frame.append(message);
}

GrpcEnding judge_response(const GrpcResponse& response) {
  if (response.http_status != 200) {
    const GrpcCode code = code_of_http(response.http_status);
    return {code, cause_of(code), fmt::format("HTTP status {} instead of gRPC", response.http_status), {}};
  }
  if (!is_grpc(response.content_type)) {
    return wrong(GrpcCode::unknown,
                 fmt::format("no gRPC: the content type is {}", in_quotes(response.content_type)));
  }
  if (!response.status) {
    return response.trailers ? wrong(GrpcCode::unknown, "the trailers have no grpc-status")
                             : wrong(GrpcCode::internal, "the response ended without trailers");
  }
  std::uint32_t number = 0;
  const std::string_view text = *response.status;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return wrong(GrpcCode::internal, fmt::format("grpc-status {} is no number", in_quotes(text)));
  const auto code = static_cast<GrpcCode>(number);
  if (code == GrpcCode::ok) return open_body(response.body);
  const std::string message = percent_decoded(response.message);
  return {code,
          cause_of(code),
          fmt::format("the call ended with {}{}{}", name_of(code), message.empty() ? "" : ": ", message),
          {}};
}

// RFC 9113 section 7, and what gRPC makes of it.
GrpcEnding judge_reset(std::uint32_t http2_code, std::string_view name) {
  constexpr std::uint32_t kFlowControl = 0x3, kRefusedStream = 0x7, kCancel = 0x8, kEnhanceYourCalm = 0xb,
                          kInadequateSecurity = 0xc;
  std::string detail = fmt::format("the stream was reset: {}", name);
  switch (http2_code) {
    case kRefusedStream:
      return {GrpcCode::unavailable, Cause::refused, std::move(detail), {}};
    case kEnhanceYourCalm:
      return {GrpcCode::resource_exhausted, Cause::refused, std::move(detail), {}};
    case kInadequateSecurity:
      return {GrpcCode::permission_denied, Cause::refused, std::move(detail), {}};
    case kCancel:
      return {GrpcCode::cancelled, Cause::closed, std::move(detail), {}};
    case kFlowControl:
      return wrong(GrpcCode::resource_exhausted, std::move(detail));
    default:
      return wrong(GrpcCode::internal, std::move(detail));
  }
}

}  // namespace lookout
