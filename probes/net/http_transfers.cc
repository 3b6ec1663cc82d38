#include "probes/net/http_transfers.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include "probes/net/http_body.h"
#include "probes/net/http_engine.h"
#include "probes/net/http_head.h"
#include "probes/net/http_header_lines.h"
#include "probes/net/http_local_pair.h"
#include "probes/net/http_pump.h"
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

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

int leave_socket_open(void*, curl_socket_t) { return 0; }

// libcurl connects a local socket once more, which fails (http_local_pair.h).
bool is_local(StreamSocket& socket) {
  boost::system::error_code error;
  return socket.local_endpoint(error).protocol().family() == AF_UNIX;
}

}  // namespace

// What libcurl is to talk through.
struct HttpTransfers::Connection {
  int descriptor;
  const LocalListener* listener = nullptr;  // engaged: libcurl has to connect the descriptor to it
};

// One exchange. Created and destroyed by its coroutine, never within a callback of libcurl.
class HttpTransfers::Transfer final : public HttpEngine::Client {
 public:
  Transfer(std::shared_ptr<HttpEngine> engine, ProbeRun& run, const HttpRequest& request,
           HttpResponse& response, Connection connection, bool http2);
  ~Transfer() override;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Task<> finished();
  Outcome outcome() const;
  bool body_wanted() const { return stop_ != Stop::body_unwanted; }
  void finish(CURLcode code) override;

 private:
  enum class Stop { none, body_unwanted, head_limit, contradictory, body_limit, undecodable };

  Outcome whole_body() const;
  Outcome broken_connection() const;
  Outcome broken_protocol() const;
  void configure(bool http2);
  void configure_method();
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
  static int tell_connected(void* self, curl_socket_t, curlsocktype);
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  bool take_header(std::string_view line);
  std::size_t take_body(std::string_view data);
  void note_body(HttpBodyReader::State state);
  Task<> decode_what_waits();
  void note_first_byte();
  void note_rubbish();

  std::shared_ptr<HttpEngine> engine_;
  ProbeRun& run_;
  const HttpRequest& request_;
  HttpResponse& response_;
  Connection connection_;
  HeaderLines lines_;
  HttpEngine::Handle handle_;
  const SteadyTime started_ = std::chrono::steady_clock::now();
  Timer done_;
  std::optional<CURLcode> code_;
  Stop stop_ = Stop::none;
  HttpHeadReader head_;
  HttpBodyReader body_;
  bool paused_ = false;  // until what waits is decoded
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

HttpTransfers::Transfer::Transfer(std::shared_ptr<HttpEngine> engine, ProbeRun& run,
                                  const HttpRequest& request, HttpResponse& response, Connection connection,
                                  bool http2)
    : engine_(std::move(engine)),
      run_(run),
      request_(request),
      response_(response),
      connection_(connection),
      lines_(header_lines(request, http2)),
      handle_(engine_->take_handle()),
      done_(engine_->executor(), SteadyTime::max()),
      head_(kMaximumHead),
      body_(request, response) {
  configure(http2);
  engine_->start(handle_.get(), *this);
}

HttpTransfers::Transfer::~Transfer() {
  note_rubbish();
  engine_->stop(handle_.get());
  engine_->give_back(std::move(handle_));
}

void HttpTransfers::Transfer::configure(bool http2) {
  CURL* handle = handle_.get();
  // Never looked up and never connected to; the request target below replaces its path.
  set(handle, CURLOPT_URL, "http://127.0.0.1/");
  set(handle, CURLOPT_REQUEST_TARGET, request_.target.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http");
  set(handle, CURLOPT_PROXY, "");  // or it would obey http_proxy of the environment
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_FRESH_CONNECT, 1L);
  set(handle, CURLOPT_FORBID_REUSE, 1L);
  set(handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, this);
  set(handle, CURLOPT_SOCKOPTFUNCTION, &Transfer::tell_connected);
  set(handle, CURLOPT_SOCKOPTDATA, this);
  set(handle, CURLOPT_CLOSESOCKETFUNCTION, &leave_socket_open);
  const long version = http2 ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_1_1;
  set(handle, CURLOPT_HTTP_VERSION, version);
  set(handle, CURLOPT_HTTPHEADER, lines_.get());
  set(handle, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(handle, CURLOPT_HEADERDATA, this);
  set(handle, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(handle, CURLOPT_WRITEDATA, this);
  set(handle, CURLOPT_ERRORBUFFER, error_text_.data());
  configure_method();
}

void HttpTransfers::Transfer::configure_method() {
  CURL* handle = handle_.get();
  const std::string& method = request_.method;
  const bool announces_empty_body =
      method == "POST" || method == "PUT" || method == "PATCH";  // RFC 9110 section 8.6
  if (method == "HEAD") {
    set(handle, CURLOPT_NOBODY, 1L);
  } else if (request_.body || announces_empty_body) {
    set(handle, CURLOPT_POST, 1L);
    set(handle, CURLOPT_POSTFIELDS, request_.body ? request_.body->data() : "");
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(request_.body ? request_.body->size() : 0));
  }
  set(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
}

curl_socket_t HttpTransfers::Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  const Connection& connection = static_cast<Transfer*>(self)->connection_;
  if (connection.listener != nullptr) {
    address->family = AF_UNIX;
    address->addrlen = connection.listener->write_address(&address->addr);
  }
  return connection.descriptor;
}

int HttpTransfers::Transfer::tell_connected(void* self, curl_socket_t, curlsocktype) {
  const bool connected = static_cast<Transfer*>(self)->connection_.listener == nullptr;
  return connected ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

std::size_t HttpTransfers::Transfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<Transfer*>(self)->take_header(std::string_view(data, size)) ? size : 0;
}

std::size_t HttpTransfers::Transfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<Transfer*>(self)->take_body(std::string_view(data, size));
}

void HttpTransfers::Transfer::note_first_byte() {
  if (response_.first_byte) return;
  response_.first_byte = std::chrono::steady_clock::now();
  run_.enter(Stage::response);
}

// An answer of which no line was one of a head has a first byte, too; libcurl alone knows when.
void HttpTransfers::Transfer::note_rubbish() {
  if (response_.first_byte || code_ == CURLE_GOT_NOTHING) return;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_STARTTRANSFER_TIME_T, &microseconds);
  if (microseconds > 0) response_.first_byte = started_ + std::chrono::microseconds(microseconds);
}

bool HttpTransfers::Transfer::take_header(std::string_view line) {
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

std::size_t HttpTransfers::Transfer::take_body(std::string_view data) {
  if (body_.full()) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  note_body(body_.take(data));
  if (body_.behind()) done_.cancel();  // wakes finished()
  return stop_ == Stop::none ? data.size() : 0;
}

void HttpTransfers::Transfer::note_body(HttpBodyReader::State state) {
  if (state == HttpBodyReader::State::too_large) stop_ = Stop::body_limit;
  if (state == HttpBodyReader::State::undecodable) stop_ = Stop::undecodable;
}

Task<> HttpTransfers::Transfer::decode_what_waits() {
  while (body_.behind() && stop_ == Stop::none) {
    note_body(body_.decode_slice());
    co_await asio::post(engine_->executor(), use_task);
  }
  if (std::exchange(paused_, false)) engine_->resume(handle_.get());
}

void HttpTransfers::Transfer::finish(CURLcode code) {
  code_ = code;
  done_.cancel();
}

Task<> HttpTransfers::Transfer::finished() {
  for (;;) {
    while (body_.behind() && stop_ == Stop::none) co_await decode_what_waits();
    if (code_ || stop_ != Stop::none) co_return;
    static_cast<void>(co_await done_.async_wait(use_tuple));
    // Cancelled from outside while the transfer goes on: the deadline, or the loop's end.
    if (!code_ && !body_.behind()) throw boost::system::system_error(asio::error::operation_aborted);
  }
}

Outcome HttpTransfers::Transfer::outcome() const {
  switch (stop_) {
    case Stop::none:
      break;
    case Stop::body_unwanted:
      return std::nullopt;
    case Stop::head_limit:
      return run_.fail(Cause::limit,
                       fmt::format("the response's header is larger than {} bytes", kMaximumHead));
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

Outcome HttpTransfers::Transfer::whole_body() const {
  if (body_.complete()) return std::nullopt;
  return run_.fail(Cause::protocol, fmt::format("the body ends before its {} does", request_.decode));
}

Outcome HttpTransfers::Transfer::broken_connection() const {
  long error = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &error);
  if (const std::optional<Cause> cause = cause_of(error)) {
    return run_.fail(*cause,
                     fmt::format("the connection broke: {}", system_error_text(static_cast<int>(error))));
  }
  // libcurl reports malformed chunks as failures of receiving, too.
  return broken_protocol();
}

Outcome HttpTransfers::Transfer::broken_protocol() const {
  run_.enter(Stage::response);  // what is no HTTP at all never reached the header callback
  const std::string_view text(error_text_.data());
  return run_.fail(Cause::protocol, std::string(text.empty() ? curl_easy_strerror(*code_) : text));
}

const std::string* HttpResponse::find(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (same_header_name(header.name, name)) return &header.value;
  }
  return nullptr;
}

HttpTransfers::HttpTransfers(asio::io_context& loop) : engine_(std::make_shared<HttpEngine>(loop)) {}

HttpTransfers::~HttpTransfers() = default;

std::size_t HttpTransfers::in_flight() const { return engine_->in_flight(); }

Task<Outcome> HttpTransfers::exchange(ProbeRun& run, Stream& stream, const HttpRequest& request,
                                      HttpResponse& response) {
  run.enter(Stage::request);
  if (stream.tls() == nullptr && !is_local(stream.socket())) {
    Transfer transfer(engine_, run, request, response, Connection{stream.socket().native_handle()}, false);
    co_await transfer.finished();
    co_return transfer.outcome();
  }
  co_return co_await exchange_by_pump(run, stream, request, response);
}

Task<Outcome> HttpTransfers::exchange_by_pump(ProbeRun& run, Stream& stream, const HttpRequest& request,
                                              HttpResponse& response) {
  using namespace asio::experimental::awaitable_operators;
  const LocalDescriptor inner(LocalListener::open());
  if (inner.get() < 0)
    co_return run.fail(Cause::internal, fmt::format("no local socket: {}", system_error_text(errno)));
  Transfer transfer(engine_, run, request, response, Connection{inner.get(), &engine_->listener()},
                    stream.alpn() == "h2");
  LocalDescriptor accepted(engine_->listener().accept());
  if (accepted.get() < 0)
    co_return run.fail(Cause::internal, fmt::format("no local connection: {}", system_error_text(errno)));
  LocalSocket outer(engine_->executor(), asio::local::stream_protocol(), accepted.release());
  PumpEnding ending;
  co_await (transfer.finished() || pump_to_peer(run, outer, stream, ending) ||
            pump_from_peer(run, stream, outer, ending));
  co_return conclude(run, transfer, response, ending);
}

// libcurl saw no more than the end of the data; the stream knows why, and whether TLS vouches for that end.
Outcome HttpTransfers::conclude(ProbeRun& run, const Transfer& transfer, const HttpResponse& response,
                                const PumpEnding& ending) {
  Outcome failure = transfer.outcome();
  const bool cut = failure ? failure->cause == Cause::closed
                           : transfer.body_wanted() && body_ends_with_connection(response);
  if (cut && ending.failure) return run.fail(ending.failure->cause, ending.failure->detail);
  if (failure && cut && !ending.ended) {
    // It was libcurl that hung up: it says so of bytes that are no frames of HTTP/2.
    run.enter(Stage::response);
    return run.fail(Cause::protocol, "what came is no HTTP");
  }
  return failure;
}

}  // namespace lookout
