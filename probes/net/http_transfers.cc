#include "probes/net/http_transfers.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

#include "probes/net/http_engine.h"
#include "probes/net/http_head.h"
#include "probes/net/http_local_pair.h"
#include "probes/net/http_pump.h"
#include "probes/net/http_transfer.h"
#include "probes/net/system_error.h"

namespace lookout {
namespace {

// A descriptor of ours; with a listener libcurl has to connect it there, else it is connected.
class GivenConnection final : public HttpTransport {
 public:
  GivenConnection(int descriptor, const LocalListener* listener, bool http2)
      : descriptor_(descriptor), listener_(listener), http2_(http2) {}

  void configure(CURL* handle) override {
    // Never looked up and never connected to; the request target replaces its path.
    set_option(handle, CURLOPT_URL, "http://127.0.0.1/");
    set_option(handle, CURLOPT_PROTOCOLS_STR, "http");
    set_option(handle, CURLOPT_OPENSOCKETFUNCTION, &GivenConnection::open_socket);
    set_option(handle, CURLOPT_OPENSOCKETDATA, this);
    set_option(handle, CURLOPT_SOCKOPTFUNCTION, &GivenConnection::tell_connected);
    set_option(handle, CURLOPT_SOCKOPTDATA, this);
    set_option(handle, CURLOPT_CLOSESOCKETFUNCTION, &GivenConnection::leave_socket_open);
    const long version = http2_ ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_1_1;
    set_option(handle, CURLOPT_HTTP_VERSION, version);
  }

 private:
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    const GivenConnection& connection = *static_cast<GivenConnection*>(self);
    if (connection.listener_ != nullptr) {
      address->family = AF_UNIX;
      address->addrlen = connection.listener_->write_address(&address->addr);
    }
    return connection.descriptor_;
  }

  static int tell_connected(void* self, curl_socket_t, curlsocktype) {
    const bool connected = static_cast<GivenConnection*>(self)->listener_ == nullptr;
    return connected ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
  }

  static int leave_socket_open(void*, curl_socket_t) { return 0; }

  int descriptor_;
  const LocalListener* listener_;
  bool http2_;
};

// libcurl connects a local socket once more, which fails (http_local_pair.h).
bool is_local(StreamSocket& socket) {
  boost::system::error_code error;
  return socket.local_endpoint(error).protocol().family() == AF_UNIX;
}

}  // namespace

const std::string* HttpResponse::find(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (same_header_name(header.name, name)) return &header.value;
  }
  return nullptr;
}

HttpTransfers::HttpTransfers(asio::io_context& loop)
    : engine_(std::make_shared<HttpEngine>(loop)), listener_(std::make_unique<LocalListener>()) {}

HttpTransfers::~HttpTransfers() = default;

std::size_t HttpTransfers::in_flight() const { return engine_->in_flight(); }

Task<Outcome> HttpTransfers::exchange(ProbeRun& run, Stream& stream, const HttpRequest& request,
                                      HttpResponse& response) {
  run.enter(Stage::request);
  if (stream.tls() == nullptr && !is_local(stream.socket())) {
    GivenConnection connection(stream.socket().native_handle(), nullptr, false);
    HttpTransfer transfer(engine_, run, request, response, connection, false);
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
  const bool http2 = stream.alpn() == "h2";
  GivenConnection connection(inner.get(), listener_.get(), http2);
  HttpTransfer transfer(engine_, run, request, response, connection, http2);
  LocalDescriptor accepted(listener_->accept());
  if (accepted.get() < 0)
    co_return run.fail(Cause::internal, fmt::format("no local connection: {}", system_error_text(errno)));
  LocalSocket outer(engine_->executor(), asio::local::stream_protocol(), accepted.release());
  PumpEnding ending;
  co_await (transfer.finished() || pump_to_peer(run, outer, stream, ending) ||
            pump_from_peer(run, stream, outer, ending));
  co_return conclude(run, transfer, response, ending);
}

// libcurl saw no more than the end of the data; the stream knows why, and whether TLS vouches for that end.
Outcome HttpTransfers::conclude(ProbeRun& run, const HttpTransfer& transfer, const HttpResponse& response,
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
