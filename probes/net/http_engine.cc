#include "probes/net/http_engine.h"

#include <array>
#include <chrono>
#include <new>

#include <sys/epoll.h>

namespace lookout {
namespace {

constexpr std::size_t kSpareHandles = 64;  // 5 KiB each; a fresh one costs 3 us
constexpr int kEventsPerWait = 64;

}  // namespace

HttpEngine::HttpEngine(asio::io_context& loop)
    : multi_(nullptr), sockets_(loop.get_executor()), clock_(loop.get_executor()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) throw std::bad_alloc();
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) throw boost::system::system_error(errno, boost::system::system_category());
  sockets_.assign(descriptor);
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw boost::system::system_error(errno, boost::system::system_category());
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &HttpEngine::note_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &HttpEngine::note_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

HttpEngine::~HttpEngine() {
  spare_.clear();
  curl_multi_cleanup(multi_);
}

HttpEngine::Handle HttpEngine::take_handle() {
  if (spare_.empty()) {
    Handle fresh(curl_easy_init());
    if (!fresh) throw std::bad_alloc();
    return fresh;
  }
  Handle handle = std::move(spare_.back());
  spare_.pop_back();
  return handle;
}

void HttpEngine::give_back(Handle handle) {
  if (spare_.size() >= kSpareHandles) return;
  curl_easy_reset(handle.get());
  spare_.push_back(std::move(handle));
}

void HttpEngine::start(CURL* handle, Client& client) {
  curl_easy_setopt(handle, CURLOPT_PRIVATE, &client);
  if (curl_multi_add_handle(multi_, handle) != CURLM_OK) throw std::bad_alloc();
  ++in_flight_;
  act(CURL_SOCKET_TIMEOUT, 0);
}

void HttpEngine::stop(CURL* handle) {
  curl_multi_remove_handle(multi_, handle);
  --in_flight_;
  if (in_flight_ > 0) return settle();
  // Nothing may keep the loop from coming to an end.
  if (watching_) sockets_.cancel();
  clock_.cancel();
  clock_set_.reset();
}

void HttpEngine::resume(CURL* handle) {
  curl_easy_pause(handle, CURLPAUSE_CONT);
  settle();
}

int HttpEngine::note_socket(CURL*, curl_socket_t socket, int interest, void* self, void*) {
  const int sockets = static_cast<HttpEngine*>(self)->sockets_.native_handle();
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

int HttpEngine::note_timer(CURLM*, long timeout_ms, void* self) {
  auto& due = static_cast<HttpEngine*>(self)->due_;
  if (timeout_ms < 0) {
    due.reset();
  } else {
    due = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  }
  return 0;
}

void HttpEngine::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  settle();
}

void HttpEngine::settle() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* client = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &client);
    reinterpret_cast<Client*>(client)->finish(message->data.result);
  }
  watch_sockets();
  watch_clock();
}

void HttpEngine::watch_sockets() {
  if (watching_ || in_flight_ == 0) return;
  watching_ = true;
  sockets_.async_wait(asio::posix::descriptor_base::wait_read,
                      [weak = weak_from_this()](const boost::system::error_code&) {
                        const std::shared_ptr<HttpEngine> self = weak.lock();
                        if (!self) return;
                        self->watching_ = false;
                        self->on_sockets();
                      });
}

void HttpEngine::on_sockets() {
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

void HttpEngine::watch_clock() {
  if (!due_ || in_flight_ == 0) return;
  // A clock that rings too early is left alone: it is set anew when it rings. So most transfers never touch
  // it.
  if (clock_set_ && *clock_set_ <= *due_) return;
  clock_set_ = due_;
  clock_.expires_at(*due_);
  clock_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<HttpEngine> self = weak.lock();
    if (error || !self) return;
    self->clock_set_.reset();
    const bool rings = self->due_ && *self->due_ <= std::chrono::steady_clock::now();
    if (rings) {
      // libcurl tells of the next one, and of none it may say nothing.
      self->due_.reset();
      self->act(CURL_SOCKET_TIMEOUT, 0);
    } else {
      self->watch_clock();
    }
  });
}

}  // namespace lookout
