// Drives libcurl for who transfers with it: http_transfer.h and the transports. The only file that includes
// curl.h.
#pragma once

#include <memory>
#include <new>
#include <optional>
#include <vector>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <curl/curl.h>

#include "probes/core/clock.h"
#include "probes/core/task.h"

namespace lookout {

template <class Value>
void set_option(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

// libcurl's multi handle on the loop. All its sockets are in an epoll descriptor of its own, level-triggered,
// and the loop watches that one descriptor: no descriptor changes hands, and one wait serves any number of
// transfers.
//
// Invariant: curl_multi_* is never called from within a callback of libcurl, which would lose the call
// without an error. Callbacks only take notes; settle() acts on them after each entry into libcurl.
class HttpEngine : public std::enable_shared_from_this<HttpEngine> {
 public:
  struct HandleDeleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  using Handle = std::unique_ptr<CURL, HandleDeleter>;

  // Whom to tell that a transfer ended; in no callback of libcurl.
  class Client {
   public:
    virtual ~Client() = default;
    virtual void finish(CURLcode code) = 0;
  };

  explicit HttpEngine(asio::io_context& loop);
  ~HttpEngine();
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  Executor executor() { return clock_.get_executor(); }
  Handle take_handle();
  void give_back(Handle handle);  // reset, for the next one
  // The client outlives the transfer. Sends what can be sent at once.
  void start(CURL* handle, Client& client);
  void stop(CURL* handle);
  void resume(CURL* handle);  // after a write callback paused it; in no callback of libcurl
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

}  // namespace lookout
