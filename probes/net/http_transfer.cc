#include "probes/net/http_transfer.h"

#include <chrono>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "probes/net/system_error.h"

namespace lookout {
namespace {

// What the kernel said about the connection, if that is why a transfer failed.
std::optional<Cause> cause_of(long error) {
  switch (error) {
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
      return Cause::closed;
    case ETIMEDOUT:
      return Cause::timeout;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return Cause::unreachable;
    default:
      return std::nullopt;
  }
}

}  // namespace

HttpTransfer::HttpTransfer(std::shared_ptr<HttpEngine> engine, ProbeRun& run, const HttpRequest& request,
                           HttpResponse& response, HttpTransport& transport, bool framed)
    : engine_(std::move(engine)),
      run_(run),
      request_(request),
      response_(response),
      lines_(header_lines(request, framed)),
      handle_(engine_->take_handle()),
      done_(engine_->executor(), SteadyTime::max()),
      head_(HttpTransfers::kMaximumHead),
      body_(request, response) {
  configure();
  transport.configure(handle_.get());
  engine_->start(handle_.get(), *this);
}

HttpTransfer::~HttpTransfer() {
  note_rubbish();
  engine_->stop(handle_.get());
  engine_->give_back(std::move(handle_));
}

void HttpTransfer::configure() {
  CURL* handle = handle_.get();
  set_option(handle, CURLOPT_REQUEST_TARGET, request_.target.c_str());
  set_option(handle, CURLOPT_PROXY, "");  // or it would obey http_proxy of the environment
  set_option(handle, CURLOPT_NOSIGNAL, 1L);
  set_option(handle, CURLOPT_FRESH_CONNECT, 1L);
  set_option(handle, CURLOPT_FORBID_REUSE, 1L);
  set_option(handle, CURLOPT_HTTPHEADER, lines_.get());
  set_option(handle, CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set_option(handle, CURLOPT_HEADERDATA, this);
  set_option(handle, CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set_option(handle, CURLOPT_WRITEDATA, this);
  set_option(handle, CURLOPT_ERRORBUFFER, error_text_.data());
  configure_method();
}

void HttpTransfer::configure_method() {
  CURL* handle = handle_.get();
  const std::string& method = request_.method;
  const bool announces_empty_body =
      method == "POST" || method == "PUT" || method == "PATCH";  // RFC 9110 section 8.6
  if (method == "HEAD") {
    set_option(handle, CURLOPT_NOBODY, 1L);
  } else if (request_.body || announces_empty_body) {
    set_option(handle, CURLOPT_POST, 1L);
    set_option(handle, CURLOPT_POSTFIELDS, request_.body ? request_.body->data() : "");
    set_option(handle, CURLOPT_POSTFIELDSIZE_LARGE,
               static_cast<curl_off_t>(request_.body ? request_.body->size() : 0));
  }
  set_option(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
}

std::size_t HttpTransfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<HttpTransfer*>(self)->take_header(std::string_view(data, size)) ? size : 0;
}

std::size_t HttpTransfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<HttpTransfer*>(self)->take_body(std::string_view(data, size));
}

void HttpTransfer::note_first_byte() {
  if (response_.first_byte) return;
  response_.first_byte = std::chrono::steady_clock::now();
  run_.enter(Stage::response);
}

// An answer of which no line was one of a head has a first byte, too; libcurl alone knows when.
void HttpTransfer::note_rubbish() {
  if (response_.first_byte || code_ == CURLE_GOT_NOTHING) return;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_STARTTRANSFER_TIME_T, &microseconds);
  if (microseconds > 0) response_.first_byte = started_ + std::chrono::microseconds(microseconds);
}

bool HttpTransfer::take_header(std::string_view line) {
  note_first_byte();
  switch (head_.take(line, response_)) {
    case HttpHeadReader::State::reading:
      return true;
    case HttpHeadReader::State::too_large:
      stop_ = Stop::head_limit;
      return false;
    case HttpHeadReader::State::contradictory:
      stop_ = Stop::contradictory;
      return false;
    case HttpHeadReader::State::complete:
      break;
  }
  if (!request_.on_head || request_.on_head(response_)) return true;
  stop_ = Stop::body_unwanted;
  return false;
}

std::size_t HttpTransfer::take_body(std::string_view data) {
  if (body_.full()) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  note_body(body_.take(data));
  if (body_.behind()) done_.cancel();  // wakes finished()
  return stop_ == Stop::none ? data.size() : 0;
}

void HttpTransfer::note_body(HttpBodyReader::State state) {
  if (state == HttpBodyReader::State::too_large) stop_ = Stop::body_limit;
  if (state == HttpBodyReader::State::undecodable) stop_ = Stop::undecodable;
}

Task<> HttpTransfer::decode_what_waits() {
  while (body_.behind() && stop_ == Stop::none) {
    note_body(body_.decode_slice());
    co_await asio::post(engine_->executor(), use_task);
  }
  if (std::exchange(paused_, false)) engine_->resume(handle_.get());
}

void HttpTransfer::finish(CURLcode code) {
  code_ = code;
  done_.cancel();
}

Task<> HttpTransfer::finished() {
  for (;;) {
    while (body_.behind() && stop_ == Stop::none) co_await decode_what_waits();
    if (code_ || stop_ != Stop::none) co_return;
    static_cast<void>(co_await done_.async_wait(use_tuple));
    // Cancelled from outside while the transfer goes on: the deadline, or the loop's end.
    if (!code_ && !body_.behind()) throw boost::system::system_error(asio::error::operation_aborted);
  }
}

Outcome HttpTransfer::outcome() const {
  switch (stop_) {
    case Stop::none:
      break;
    case Stop::body_unwanted:
      return std::nullopt;
    case Stop::head_limit:
      return run_.fail(Cause::limit, fmt::format("the response's header is larger than {} bytes",
                                                 HttpTransfers::kMaximumHead));
    case Stop::contradictory:
      return run_.fail(Cause::protocol, "the response's Content-Length headers contradict each other");
    case Stop::body_limit:
      return run_.fail(Cause::limit, fmt::format("the body is larger than {} bytes", request_.body_limit));
    case Stop::undecodable:
      return run_.fail(Cause::protocol, fmt::format("the body is no {}", request_.decode));
  }
  switch (*code_) {
    case CURLE_OK:
      if (response_.status != 0) return whole_body();
      return run_.fail(Cause::closed, "the peer closed the connection within the response's header");
    case CURLE_GOT_NOTHING:
      return run_.fail(Cause::closed, "the peer closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
      return run_.fail(Cause::closed, fmt::format("the peer closed the connection after {} bytes of the body",
                                                  response_.body_size));
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_COULDNT_CONNECT:  // see http_local_pair.h
      return broken_connection();
    case CURLE_OUT_OF_MEMORY:  // what libcurl says of a line that is longer than its own buffers may grow,
                               // too
      if (response_.status == 0)
        return run_.fail(Cause::limit, "a line of the response's header is too long");
      return run_.fail(Cause::internal, "out of memory");
    default:
      return broken_protocol();
  }
}

Outcome HttpTransfer::whole_body() const {
  if (body_.complete()) return std::nullopt;
  return run_.fail(Cause::protocol, fmt::format("the body ends before its {} does", request_.decode));
}

Outcome HttpTransfer::broken_connection() const {
  long error = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &error);
  if (const std::optional<Cause> cause = cause_of(error)) {
    return run_.fail(*cause,
                     fmt::format("the connection broke: {}", system_error_text(static_cast<int>(error))));
  }
  // libcurl reports malformed chunks as failures of receiving, too.
  return broken_protocol();
}

Outcome HttpTransfer::broken_protocol() const {
  run_.enter(Stage::response);  // what is no HTTP at all never reached the header callback
  return run_.fail(Cause::protocol, error_text());
}

std::string HttpTransfer::error_text() const {
  const std::string_view text(error_text_.data());
  return std::string(text.empty() ? curl_easy_strerror(*code_) : text);
}

}  // namespace lookout
