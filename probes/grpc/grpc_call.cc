#include "probes/grpc/grpc_call.h"

#include <charconv>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include "probes/core/version.h"

namespace lookout {
namespace {

struct CallbacksDeleter {
  void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
};
struct SessionDeleter {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter>;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// At most eight digits and a unit.
std::string timeout_text(Duration left) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(std::max(left, Duration::zero()));
  if (milliseconds.count() < 100'000'000) return fmt::format("{}m", milliseconds.count());
  return fmt::format("{}S", std::chrono::ceil<std::chrono::seconds>(milliseconds).count());
}

// The HTTP/2 session of one call: bytes in, bytes out. Holds what the library was given pointers to.
class Session {
 public:
  Session(GrpcCall call, std::string timeout);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::string take_output();
  void take_input(std::string_view bytes);

  // Engaged once nothing that could still come would change it.
  std::optional<GrpcEnding> ending() const;

 private:
  void submit(const std::string& timeout);
  static Callbacks callbacks();
  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* self);
  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* self);
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* bytes,
                     std::size_t size, void* self);
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int on_close(nghttp2_session*, std::int32_t, std::uint32_t code, void* self);
  static int on_error(nghttp2_session*, int, const char* text, std::size_t size, void* self);
  void take_field(std::string_view name, std::string_view value);
  int refuse(const char* what);

  const GrpcCall call_;
  const std::string body_;
  std::size_t body_sent_ = 0;
  GrpcResponse response_;
  std::size_t head_size_ = 0, received_ = 0;
  std::optional<std::uint32_t> reset_;  // the stream closed before the response ended
  std::string too_much_;                // of what
  bool broken_ = false;                 // what came is no HTTP/2
  std::string complaint_;               // the library's, for people
  std::unique_ptr<nghttp2_session, SessionDeleter> session_;
};

Session::Session(GrpcCall call, std::string timeout)
    : call_(std::move(call)), body_(grpc_frame(call_.message)) {
  nghttp2_session* session = nullptr;
  if (nghttp2_session_client_new(&session, callbacks().get(), this) != 0) throw std::bad_alloc();
  session_.reset(session);
  const nghttp2_settings_entry no_push{NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
  if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, &no_push, 1) != 0) throw std::bad_alloc();
  submit(timeout);
}

void Session::submit(const std::string& timeout) {
  const std::string agent(kUserAgent);
  std::vector<nghttp2_nv> fields{field(":method", "POST"),
                                 field(":scheme", call_.scheme),
                                 field(":path", call_.path),
                                 field(":authority", call_.authority),
                                 field("te", "trailers"),
                                 field("grpc-timeout", timeout),
                                 field("content-type", "application/grpc"),
                                 field("user-agent", agent)};
  for (const auto& [name, value] : call_.metadata) fields.push_back(field(name, value));
  nghttp2_data_provider body{};
  body.read_callback = read_body;
  if (nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(), &body, this) < 0)
    throw std::bad_alloc();
}

Callbacks Session::callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
  Callbacks owned(made);
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, on_close);
  nghttp2_session_callbacks_set_error_callback2(made, on_error);
  return owned;
}

ssize_t Session::read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* self) {
  Session& session = *static_cast<Session*>(self);
  const std::size_t count = std::min(size, session.body_.size() - session.body_sent_);
  std::memcpy(out, session.body_.data() + session.body_sent_, count);
  session.body_sent_ += count;
  if (session.body_sent_ == session.body_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

// A head after an interim one (1xx) begins anew; a head after the final one holds the trailers.
int Session::on_begin_headers(nghttp2_session*, const nghttp2_frame*, void* self) {
  GrpcResponse& response = static_cast<Session*>(self)->response_;
  if (response.http_status >= 200) {
    response.trailers = true;
  } else {
    response = GrpcResponse();
  }
  return 0;
}

int Session::on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* self) {
  Session& session = *static_cast<Session*>(self);
  session.head_size_ += name_size + value_size;
  if (session.head_size_ > kMaximumGrpcHead) return session.refuse("header");
  session.take_field(text_of(name, name_size), text_of(value, value_size));
  return 0;
}

void Session::take_field(std::string_view name, std::string_view value) {
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), response_.http_status);
  } else if (name == "content-type" && !response_.trailers) {
    response_.content_type = value;
  } else if (name == "grpc-status") {
    response_.status = value;
  } else if (name == "grpc-message") {
    response_.message = value;
  }
}

int Session::on_data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* bytes,
                     std::size_t size, void* self) {
  Session& session = *static_cast<Session*>(self);
  if (session.response_.body.size() + size > kMaximumGrpcMessage) return session.refuse("message");
  session.response_.body.append(text_of(bytes, size));
  return 0;
}

int Session::on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  GrpcResponse& response = static_cast<Session*>(self)->response_;
  const bool of_response = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (!of_response || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  response.ended = true;
  if (frame->hd.type == NGHTTP2_HEADERS) response.trailers = true;
  return 0;
}

// Also a server that has answered already may close the stream so, because it does not want the rest of the
// request.
int Session::on_close(nghttp2_session*, std::int32_t, std::uint32_t code, void* self) {
  Session& session = *static_cast<Session*>(self);
  if (!session.response_.ended) session.reset_ = code;
  return 0;
}

int Session::on_error(nghttp2_session*, int, const char* text, std::size_t size, void* self) {
  static_cast<Session*>(self)->complaint_.assign(text, size);
  return 0;
}

int Session::refuse(const char* what) {
  too_much_ = what;
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

std::string Session::take_output() {
  std::string out;
  const std::uint8_t* bytes = nullptr;
  for (;;) {
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size <= 0) {
      // After an error of the connection the library says good bye, and then wants to read nothing.
      if (size < 0 || nghttp2_session_want_read(session_.get()) == 0) broken_ = true;
      return out;
    }
    out.append(text_of(bytes, static_cast<std::size_t>(size)));
  }
}

void Session::take_input(std::string_view bytes) {
  received_ += bytes.size();
  if (received_ > kMaximumGrpcBytes) too_much_ = "frames";
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) broken_ = true;
}

std::optional<GrpcEnding> Session::ending() const {
  if (response_.ended) return judge_response(response_);
  if (!too_much_.empty()) {
    return GrpcEnding{GrpcCode::resource_exhausted,
                      Cause::limit,
                      fmt::format("more {} than we are willing to take", too_much_),
                      {}};
  }
  if (reset_) return judge_reset(*reset_, nghttp2_http2_strerror(*reset_));
  if (!broken_) return std::nullopt;
  return GrpcEnding{GrpcCode::unavailable,
                    Cause::protocol,
                    complaint_.empty() ? "the peer does not speak HTTP/2" : complaint_,
                    {}};
}

GrpcEnding lost(Failure failure) {
  return {GrpcCode::unavailable, failure.cause, std::move(failure.detail), {}};
}

}  // namespace

Task<GrpcEnding> call_grpc(ProbeRun& run, Stream& stream, GrpcCall call) {
  run.enter(Stage::request);
  Session session(std::move(call), timeout_text(run.deadline - std::chrono::steady_clock::now()));
  std::array<char, 16384> buffer;
  for (;;) {
    const std::string output = session.take_output();
    if (std::optional<GrpcEnding> ending = session.ending()) co_return std::move(*ending);
    if (Outcome failure = co_await stream.write_all(run, output)) co_return lost(std::move(*failure));
    if (run.stage() == Stage::request) run.enter(Stage::response);
    const Attempt<std::size_t> size = co_await stream.read_some(run, buffer);
    if (!size) co_return lost(size.error());
    if (*size == 0) {
      co_return lost(run.fail(Cause::closed, "the peer closed the connection before it had answered"));
    }
    session.take_input({buffer.data(), *size});
  }
}

}  // namespace lookout
