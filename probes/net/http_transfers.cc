#include "probes/net/http_transfers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/net/http_head.h"
#include "probes/net/http_pump.h"

namespace lookout {
namespace {

constexpr std::size_t kSpareHandles = 64;  // 5 KiB each; a fresh one costs 3 us
constexpr int kEventsPerWait = 64;

struct HandleDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, HandleDeleter>;

struct LinesDeleter {
  void operator()(curl_slist* lines) const { curl_slist_free_all(lines); }
};

// The header lines that libcurl is to send, in its own notation.
class HeaderLines {
 public:
  void add(std::string_view name, std::string_view value) {
    // "Name:" without a value would mean to leave the header out.
    append(value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value));
  }
  void leave_out(std::string_view name) { append(fmt::format("{}:", name)); }
  curl_slist* get() const { return lines_.get(); }

 private:
  void append(const std::string& line) {
    curl_slist* longer = curl_slist_append(lines_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(lines_.release());
    lines_.reset(longer);
  }

  std::unique_ptr<curl_slist, LinesDeleter> lines_;
};

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

curl_socket_t open_socket(void* descriptor, curlsocktype, curl_sockaddr*) {
  return *static_cast<int*>(descriptor);
}
int socket_is_connected(void*, curl_socket_t, curlsocktype) { return CURL_SOCKOPT_ALREADY_CONNECTED; }
int leave_socket_open(void*, curl_socket_t) { return 0; }

bool prescribes(const HttpRequest& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [name](const HttpHeader& header) { return same_header_name(header.name, name); });
}

// RFC 9113 section 8.2.2: these belong to a connection of HTTP/1 and make an HTTP/2 request malformed.
bool only_http1(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"Connection", "Keep-Alive", "Proxy-Connection",
                                                   "Transfer-Encoding", "Upgrade"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view each) { return same_header_name(each, name); });
}

HeaderLines header_lines(const HttpRequest& request, bool http2) {
  HeaderLines lines;
  lines.add("Host", request.host);
  // libcurl takes the scheme from its URL, which says http because the TLS is ours; a line with this name
  // wins over it.
  if (http2) lines.add(":scheme", "https");
  for (const HttpHeader& header : request.headers) {
    if (!http2 || !only_http1(header.name)) lines.add(header.name, header.value);
  }
  // What libcurl would add by itself.
  for (std::string_view name : {"Accept", "Expect", "Content-Type", "Accept-Encoding", "User-Agent"}) {
    if (!prescribes(request, name)) lines.leave_out(name);
  }
  if (!http2 && !prescribes(request, "Connection")) lines.add("Connection", "close");
  return lines;
}

class LocalDescriptor {
 public:
  explicit LocalDescriptor(int descriptor) : descriptor_(descriptor) {}
  LocalDescriptor(const LocalDescriptor&) = delete;
  LocalDescriptor& operator=(const LocalDescriptor&) = delete;
  ~LocalDescriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

// libcurl's multi handle on the loop. All its sockets are in an epoll descriptor of its own, level-triggered,
// and the loop watches that one descriptor: no descriptor changes hands, and one wait serves any number of
// transfers.
//
// Invariant: curl_multi_* is never called from within a callback of libcurl, which would lose the call
// without an error. Callbacks only take notes; settle() acts on them after each entry into libcurl.
class HttpTransfers::Engine : public std::enable_shared_from_this<HttpTransfers::Engine> {
 public:
  explicit Engine(asio::io_context& loop);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Executor executor() { return clock_.get_executor(); }
  Handle take_handle();
  void give_back(Handle handle);
  void start(CURL* handle);
  void stop(CURL* handle);
  std::size_t in_flight() const { return in_flight_; }

 private:
  static int note_socket(CURL*, curl_socket_t socket, int interest, void* self, void*);
  static int note_timer(CURLM*, long timeout_ms, void* self);
  void act(curl_socket_t socket, int events);
  void settle();
  void watch_sockets();
  void watch_clock();
  void on_sockets();

  CURLM* multi_;
  asio::posix::basic_stream_descriptor<Executor> sockets_;
  Timer clock_;
  std::optional<SteadyTime> due_;        // when libcurl wants to be called without an event
  std::optional<SteadyTime> clock_set_;  // what clock_ waits for
  bool watching_ = false;                // a wait on sockets_ is pending
  std::size_t in_flight_ = 0;
  std::vector<Handle> spare_;
};

// One exchange. Created and destroyed by its coroutine, never within a callback of libcurl.
class HttpTransfers::Transfer {
 public:
  Transfer(std::shared_ptr<Engine> engine, ProbeRun& run, const HttpRequest& request, HttpResponse& response,
           int descriptor, bool http2);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Task<> finished();
  Outcome outcome() const;
  bool body_wanted() const { return stop_ != Stop::body_unwanted; }
  void finish(CURLcode code);

 private:
  enum class Stop { none, body_unwanted, head_limit, body_limit };

  void configure(bool http2);
  void configure_method();
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  bool take_header(std::string_view line);
  std::size_t take_body(std::string_view data);
  void note_first_byte();

  std::shared_ptr<Engine> engine_;
  ProbeRun& run_;
  const HttpRequest& request_;
  HttpResponse& response_;
  int descriptor_;
  HeaderLines lines_;
  Handle handle_;
  Timer done_;
  std::optional<CURLcode> code_;
  Stop stop_ = Stop::none;
  HttpHeadReader head_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

HttpTransfers::Engine::Engine(asio::io_context& loop)
    : multi_(nullptr), sockets_(loop.get_executor()), clock_(loop.get_executor()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) throw std::bad_alloc();
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) throw boost::system::system_error(errno, boost::system::system_category());
  sockets_.assign(descriptor);
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw boost::system::system_error(errno, boost::system::system_category());
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Engine::note_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Engine::note_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

HttpTransfers::Engine::~Engine() {
  spare_.clear();
  curl_multi_cleanup(multi_);
}

Handle HttpTransfers::Engine::take_handle() {
  if (spare_.empty()) {
    Handle fresh(curl_easy_init());
    if (!fresh) throw std::bad_alloc();
    return fresh;
  }
  Handle handle = std::move(spare_.back());
  spare_.pop_back();
  return handle;
}

void HttpTransfers::Engine::give_back(Handle handle) {
  if (spare_.size() >= kSpareHandles) return;
  curl_easy_reset(handle.get());
  spare_.push_back(std::move(handle));
}

void HttpTransfers::Engine::start(CURL* handle) {
  if (curl_multi_add_handle(multi_, handle) != CURLM_OK) throw std::bad_alloc();
  ++in_flight_;
  act(CURL_SOCKET_TIMEOUT, 0);
}

void HttpTransfers::Engine::stop(CURL* handle) {
  curl_multi_remove_handle(multi_, handle);
  --in_flight_;
  if (in_flight_ > 0) return settle();
  // Nothing may keep the loop from coming to an end.
  if (watching_) sockets_.cancel();
  clock_.cancel();
  clock_set_.reset();
}

int HttpTransfers::Engine::note_socket(CURL*, curl_socket_t socket, int interest, void* self, void*) {
  const int sockets = static_cast<Engine*>(self)->sockets_.native_handle();
  epoll_event event{};
  event.data.fd = socket;
  if (interest == CURL_POLL_REMOVE) {
    epoll_ctl(sockets, EPOLL_CTL_DEL, socket, &event);
    return 0;
  }
  if ((interest & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((interest & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  if (epoll_ctl(sockets, EPOLL_CTL_ADD, socket, &event) != 0)
    epoll_ctl(sockets, EPOLL_CTL_MOD, socket, &event);
  return 0;
}

int HttpTransfers::Engine::note_timer(CURLM*, long timeout_ms, void* self) {
  auto& due = static_cast<Engine*>(self)->due_;
  if (timeout_ms < 0) {
    due.reset();
  } else {
    due = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  }
  return 0;
}

void HttpTransfers::Engine::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  settle();
}

void HttpTransfers::Engine::settle() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    reinterpret_cast<Transfer*>(transfer)->finish(message->data.result);
  }
  watch_sockets();
  watch_clock();
}

void HttpTransfers::Engine::watch_sockets() {
  if (watching_ || in_flight_ == 0) return;
  watching_ = true;
  sockets_.async_wait(asio::posix::descriptor_base::wait_read,
                      [weak = weak_from_this()](const boost::system::error_code&) {
                        const std::shared_ptr<Engine> self = weak.lock();
                        if (!self) return;
                        self->watching_ = false;
                        self->on_sockets();
                      });
}

void HttpTransfers::Engine::on_sockets() {
  std::array<epoll_event, kEventsPerWait> events;
  const int count = epoll_wait(sockets_.native_handle(), events.data(), kEventsPerWait, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    int ready = 0;
    if ((event.events & (EPOLLIN | EPOLLHUP)) != 0) ready |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) ready |= CURL_CSELECT_OUT;
    if ((event.events & EPOLLERR) != 0) ready |= CURL_CSELECT_ERR;
    int running = 0;
    curl_multi_socket_action(multi_, event.data.fd, ready, &running);
  }
  settle();
}

void HttpTransfers::Engine::watch_clock() {
  if (!due_ || in_flight_ == 0) return;
  // A clock that rings too early is left alone: it is set anew when it rings. So most transfers never touch
  // it.
  if (clock_set_ && *clock_set_ <= *due_) return;
  clock_set_ = due_;
  clock_.expires_at(*due_);
  clock_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<Engine> self = weak.lock();
    if (error || !self) return;
    self->clock_set_.reset();
    const bool rings = self->due_ && *self->due_ <= std::chrono::steady_clock::now();
    if (rings) {
      self->act(CURL_SOCKET_TIMEOUT, 0);
    } else {
      self->watch_clock();
    }
  });
}

HttpTransfers::Transfer::Transfer(std::shared_ptr<Engine> engine, ProbeRun& run, const HttpRequest& request,
                                  HttpResponse& response, int descriptor, bool http2)
    : engine_(std::move(engine)),
      run_(run),
      request_(request),
      response_(response),
      descriptor_(descriptor),
      lines_(header_lines(request, http2)),
      handle_(engine_->take_handle()),
      done_(engine_->executor(), SteadyTime::max()),
      head_(kMaximumHead) {
  configure(http2);
  engine_->start(handle_.get());
}

HttpTransfers::Transfer::~Transfer() {
  engine_->stop(handle_.get());
  engine_->give_back(std::move(handle_));
}

void HttpTransfers::Transfer::configure(bool http2) {
  CURL* handle = handle_.get();
  set(handle, CURLOPT_PRIVATE, this);
  // Never looked up and never connected to; the request target below replaces its path.
  set(handle, CURLOPT_URL, "http://127.0.0.1/");
  set(handle, CURLOPT_REQUEST_TARGET, request_.target.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http");
  set(handle, CURLOPT_PROXY, "");  // or it would obey http_proxy of the environment
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_FRESH_CONNECT, 1L);
  set(handle, CURLOPT_FORBID_REUSE, 1L);
  set(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(handle, CURLOPT_OPENSOCKETDATA, &descriptor_);
  set(handle, CURLOPT_SOCKOPTFUNCTION, &socket_is_connected);
  set(handle, CURLOPT_CLOSESOCKETFUNCTION, &leave_socket_open);
  const long version = http2 ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_1_1;
  set(handle, CURLOPT_HTTP_VERSION, version);
  set(handle, CURLOPT_HTTPHEADER, lines_.get());
  if (!request_.decode.empty()) set(handle, CURLOPT_ACCEPT_ENCODING, request_.decode.c_str());
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

bool HttpTransfers::Transfer::take_header(std::string_view line) {
  note_first_byte();
  switch (head_.take(line, response_)) {
    case HttpHeadReader::State::reading:
      return true;
    case HttpHeadReader::State::too_large:
      stop_ = Stop::head_limit;
      return false;
    case HttpHeadReader::State::complete:
      break;
  }
  if (!request_.on_head || request_.on_head(response_)) return true;
  stop_ = Stop::body_unwanted;
  return false;
}

std::size_t HttpTransfers::Transfer::take_body(std::string_view data) {
  const std::uint64_t room = request_.body_limit - response_.body_size;
  const std::string_view taken =
      data.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, data.size())));
  response_.body_size += taken.size();
  if (request_.keep_body) response_.body.append(taken);
  if (taken.size() < data.size()) stop_ = Stop::body_limit;
  return taken.size();
}

void HttpTransfers::Transfer::finish(CURLcode code) {
  code_ = code;
  done_.cancel();
}

Task<> HttpTransfers::Transfer::finished() {
  if (code_) co_return;
  static_cast<void>(co_await done_.async_wait(use_tuple));
  // Cancelled from outside while the transfer goes on: the deadline, or the loop's end.
  if (!code_) throw boost::system::system_error(asio::error::operation_aborted);
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
    case Stop::body_limit:
      return run_.fail(Cause::limit, fmt::format("the body is larger than {} bytes", request_.body_limit));
  }
  const std::string_view text(error_text_.data());
  long system_error = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &system_error);
  switch (*code_) {
    case CURLE_OK:
      return std::nullopt;
    case CURLE_GOT_NOTHING:
      return run_.fail(Cause::closed, "the peer closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
      return run_.fail(Cause::closed, fmt::format("the peer closed the connection after {} bytes of the body",
                                                  response_.body_size));
    case CURLE_SEND_ERROR:
      return run_.fail(Cause::closed, fmt::format("sending the request: {}", text));
    case CURLE_RECV_ERROR:
      if (system_error == ECONNRESET || system_error == EPIPE) {
        return run_.fail(Cause::closed, "the peer reset the connection");
      }
      if (system_error == ETIMEDOUT)
        return run_.fail(Cause::timeout, "the network gave up on the connection");
      if (system_error == EHOSTUNREACH || system_error == ENETUNREACH) {
        return run_.fail(Cause::unreachable, "the network became unreachable");
      }
      break;
    case CURLE_OUT_OF_MEMORY:
      return run_.fail(Cause::internal, "out of memory");
    default:
      break;
  }
  // Not HTTP at all never reaches the header callback.
  run_.enter(Stage::response);
  return run_.fail(Cause::protocol,
                   text.empty() ? std::string(curl_easy_strerror(*code_)) : std::string(text));
}

const std::string* HttpResponse::find(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (same_header_name(header.name, name)) return &header.value;
  }
  return nullptr;
}

HttpTransfers::HttpTransfers(asio::io_context& loop) : engine_(std::make_shared<Engine>(loop)) {}

HttpTransfers::~HttpTransfers() = default;

std::size_t HttpTransfers::in_flight() const { return engine_->in_flight(); }

Task<Outcome> HttpTransfers::exchange(ProbeRun& run, Stream& stream, const HttpRequest& request,
                                      HttpResponse& response) {
  run.enter(Stage::request);
  if (stream.tls() == nullptr) {
    Transfer transfer(engine_, run, request, response, stream.socket().native_handle(), false);
    co_await transfer.finished();
    co_return transfer.outcome();
  }
  co_return co_await exchange_over_tls(run, stream, request, response);
}

Task<Outcome> HttpTransfers::exchange_over_tls(ProbeRun& run, Stream& stream, const HttpRequest& request,
                                               HttpResponse& response) {
  using namespace asio::experimental::awaitable_operators;
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    co_return run.fail(
        Cause::internal,
        fmt::format("no socket pair: {}",
                    boost::system::error_code(errno, boost::system::system_category()).message()));
  }
  const LocalDescriptor inner(ends[0]);
  LocalSocket outer(engine_->executor(), asio::local::stream_protocol(), ends[1]);
  Outcome stream_failure;
  Transfer transfer(engine_, run, request, response, inner.get(), stream.alpn() == "h2");
  co_await (transfer.finished() || pump_to_peer(run, outer, stream, stream_failure) ||
            pump_from_peer(run, stream, outer, stream_failure));
  Outcome failure = transfer.outcome();
  // libcurl saw no more than the end of the data; the stream knows why, and whether the end was one that TLS
  // vouches for.
  const bool cut = failure ? failure->cause == Cause::closed
                           : transfer.body_wanted() && body_ends_with_connection(response);
  if (cut && stream_failure) co_return stream_failure;
  co_return failure;
}

}  // namespace lookout
