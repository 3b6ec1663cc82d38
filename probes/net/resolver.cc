#include "probes/net/resolver.h"

#include <map>

#include <ares.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/core/text.h"
#include "probes/net/system_error.h"

namespace lookout {
namespace {

constexpr const char* kResolverFile = "/etc/resolv.conf";
constexpr Duration kLookAgainAfter = std::chrono::seconds(1);
constexpr std::size_t kMaximumName = 255;  // RFC 1035 section 2.3.4
constexpr std::size_t kMaximumAddresses = 256;
constexpr int kMaximumLookups = 16 * 1024;  // of two queries each, whose ids have 16 bits

using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

bool is_our_own_fault(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == ENETUNREACH ||
         error == EADDRNOTAVAIL || error == ENODEV || error == EACCES || error == EPERM;
}

int address_family(IpFamily family) {
  switch (family) {
    case IpFamily::ip4:
      return AF_INET;
    case IpFamily::ip6:
      return AF_INET6;
    case IpFamily::any:
      break;
  }
  return AF_UNSPEC;
}

std::string as_list(const std::vector<asio::ip::udp::endpoint>& servers) {
  std::string list;
  for (const auto& server : servers) {
    const char* form = server.address().is_v6() ? "[{}]:{}" : "{}:{}";
    if (!list.empty()) list += ',';
    list += fmt::format(fmt::runtime(form), server.address().to_string(), server.port());
  }
  return list;
}

std::vector<IpAddress> addresses_of(const ares_addrinfo* found) {
  std::vector<IpAddress> addresses;
  for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next) {
    if (addresses.size() == kMaximumAddresses) break;
    if (node->ai_family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      addresses.emplace_back(asio::ip::address_v4(ntohl(address->sin_addr.s_addr)));
    } else if (node->ai_family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      asio::ip::address_v6::bytes_type bytes;
      std::copy_n(address->sin6_addr.s6_addr, bytes.size(), bytes.begin());
      addresses.emplace_back(asio::ip::address_v6(bytes, address->sin6_scope_id));
    }
  }
  return addresses;
}

// RFC 6761 section 6.3: such names never go to name servers, and c-ares keeps to that.
bool is_localhost(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string lower = lower_case(host);
  return lower == "localhost" || lower.ends_with(".localhost");
}

std::vector<IpAddress> loopback(IpFamily family) {
  std::vector<IpAddress> addresses;
  if (family != IpFamily::ip4) addresses.emplace_back(asio::ip::address_v6::loopback());
  if (family != IpFamily::ip6) addresses.emplace_back(asio::ip::address_v4::loopback());
  return addresses;
}

}  // namespace

// One lookup. c-ares cannot cancel a single one, so it is shared with the callback: whoever gave up waiting
// is not missed.
struct Resolver::Query {
  explicit Query(const Executor& executor) : signal(executor, SteadyTime::max()) {}

  Timer signal;  // cancelled when done, which resumes the waiting probe from the loop and never from inside
                 // c-ares
  bool done = false;
  int status = ARES_SUCCESS;
  std::vector<IpAddress> addresses;
  SteadyTime started{};
  Channel* channel = nullptr;  // calls back while it lives
};

// One c-ares channel with the sockets that it has open. Lives as long as it is current or somebody waits for
// an answer.
class Resolver::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(const Executor& executor, ResolverPatience patience, bool servers_only, unsigned interface)
      : executor_(executor), interface_(interface), timer_(executor) {
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    ares_options options{};
    options.timeout =
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(patience.first_wait).count());
    options.tries = patience.rounds;
    options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
      static_cast<Channel*>(self)->watch(socket, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    int wanted = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    char only_dns[] = "b";
    if (servers_only) {
      options.lookups = only_dns;
      options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
      wanted |= ARES_OPT_LOOKUPS | ARES_OPT_FLAGS;
    }
    status_ = library != ARES_SUCCESS ? library : ares_init_options(&channel_, &options, wanted);
    if (status_ == ARES_SUCCESS) ares_set_socket_functions(channel_, &socket_functions(), this);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    if (channel_ != nullptr) ares_destroy(channel_);
  }

  int status() const { return status_; }
  int pending() const { return pending_; }
  void use_servers(const std::string& servers) {
    status_ = ares_set_servers_ports_csv(channel_, servers.c_str());
  }

  void start(const std::string& host, IpFamily family, const std::shared_ptr<Query>& query) {
    ares_addrinfo_hints hints{};
    hints.ai_flags = ARES_AI_NOSORT;
    hints.ai_family = address_family(family);
    query->channel = this;
    query->started = std::chrono::steady_clock::now();
    ++pending_;
    ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &Channel::finish,
                     new std::shared_ptr<Query>(query));
    arm_timer();
  }

  // Engaged when since then no name server could be asked, because of us.
  std::optional<int> own_fault_since(SteadyTime start) const {
    if (socket_error_ == 0 || socket_error_at_ < start || asked_at_ >= start) return std::nullopt;
    return socket_error_;
  }

 private:
  struct Watched {
    Watched(const Executor& executor, int socket) : descriptor(executor, socket) {}
    Descriptor descriptor;
    bool want_read = false, want_write = false;
    bool reading = false, writing = false;
  };

  static void finish(void* argument, int status, int, ares_addrinfo* found) {
    const std::unique_ptr<std::shared_ptr<Query>> held(static_cast<std::shared_ptr<Query>*>(argument));
    Query& query = **held;
    query.done = true;
    query.status = status;
    if (found != nullptr) {
      query.addresses = addresses_of(found);
      ares_freeaddrinfo(found);
    }
    --query.channel->pending_;
    query.signal.cancel();
  }

  static const ares_socket_functions& socket_functions();
  void remember_error(int error) {  // leaves errno alone
    if (!is_our_own_fault(error)) return;
    socket_error_ = error;
    socket_error_at_ = std::chrono::steady_clock::now();
  }
  int close_socket(int socket) {
    if (const auto found = watched_.find(socket); found != watched_.end()) {
      found->second->descriptor.release();
      watched_.erase(found);
    }
    return ::close(socket);
  }

  void watch(int socket, bool readable, bool writable) {
    auto found = watched_.find(socket);
    if (found == watched_.end()) {
      if (!readable && !writable) return;
      found = watched_.emplace(socket, std::make_shared<Watched>(executor_, socket)).first;
    }
    found->second->want_read = readable;
    found->second->want_write = writable;
    arm(socket, found->second);
  }

  void arm(int socket, const std::shared_ptr<Watched>& watched) {
    if (watched->want_read && !watched->reading) {
      watched->reading = true;
      watched->descriptor.async_wait(Descriptor::wait_read,
                                     [self = weak_from_this(), socket, watched](auto error) {
                                       watched->reading = false;
                                       if (const auto channel = self.lock(); channel && !error)
                                         channel->process(socket, ARES_SOCKET_BAD, watched);
                                     });
    }
    if (watched->want_write && !watched->writing) {
      watched->writing = true;
      watched->descriptor.async_wait(Descriptor::wait_write,
                                     [self = weak_from_this(), socket, watched](auto error) {
                                       watched->writing = false;
                                       if (const auto channel = self.lock(); channel && !error)
                                         channel->process(ARES_SOCKET_BAD, socket, watched);
                                     });
    }
  }

  void process(ares_socket_t readable, ares_socket_t writable, const std::shared_ptr<Watched>& watched) {
    const int socket = readable == ARES_SOCKET_BAD ? writable : readable;
    const auto is_open = [&] {
      const auto found = watched_.find(socket);
      return found != watched_.end() && found->second == watched;
    };
    if (!is_open()) return;
    ares_process_fd(channel_, readable, writable);
    if (is_open()) arm(socket, watched);
    arm_timer();
  }

  void arm_timer() {
    if (pending_ == 0) {
      timer_.cancel();
      timer_set_ = false;
      return;
    }
    timeval wait{};
    if (ares_timeout(channel_, nullptr, &wait) == nullptr) return;
    const SteadyTime due = std::chrono::steady_clock::now() + std::chrono::seconds(wait.tv_sec) +
                           std::chrono::microseconds(wait.tv_usec);
    if (timer_set_ && timer_.expiry() <= due) return;  // wakes in time, and then looks again
    timer_.expires_at(due);
    timer_set_ = true;
    timer_.async_wait([self = weak_from_this()](auto error) {
      const auto channel = self.lock();
      if (!channel || error) return;
      channel->timer_set_ = false;
      ares_process_fd(channel->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      channel->arm_timer();
    });
  }

  Executor executor_;
  unsigned interface_;
  ares_channel channel_ = nullptr;
  int status_ = ARES_SUCCESS;
  std::map<int, std::shared_ptr<Watched>> watched_;
  Timer timer_;
  bool timer_set_ = false;
  int pending_ = 0;
  int socket_error_ = 0;
  SteadyTime socket_error_at_{};
  SteadyTime asked_at_{};
};

// Our own socket functions, because c-ares reports a lack of descriptors and a missing route as "could not
// contact DNS servers", and we have to tell our faults from theirs.
const ares_socket_functions& Resolver::Channel::socket_functions() {
  static const ares_socket_functions functions{
      .asocket = [](int domain, int type, int protocol, void* self) -> ares_socket_t {
        auto& channel = *static_cast<Channel*>(self);
        const int socket = ::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
        if (socket >= 0 && bind_interface(socket, channel.interface_)) return socket;
        channel.remember_error(errno);
        if (socket >= 0) ::close(socket);
        return ARES_SOCKET_BAD;
      },
      .aclose = [](ares_socket_t socket,
                   void* self) { return static_cast<Channel*>(self)->close_socket(socket); },
      .aconnect =
          [](ares_socket_t socket, const sockaddr* address, ares_socklen_t size, void* self) {
            const int result = ::connect(socket, address, size);
            if (result < 0 && errno != EINPROGRESS) static_cast<Channel*>(self)->remember_error(errno);
            return result;
          },
      .arecvfrom = [](ares_socket_t socket, void* data, std::size_t size, int flags, sockaddr* from,
                      ares_socklen_t* from_size, void* self) -> ares_ssize_t {
        return ::recvfrom(socket, data, size, flags, from, from_size);
      },
      .asendv = [](ares_socket_t socket, const iovec* parts, int count, void* self) -> ares_ssize_t {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts);
        message.msg_iovlen = static_cast<std::size_t>(count);
        const ares_ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent >= 0) {
          static_cast<Channel*>(self)->asked_at_ = std::chrono::steady_clock::now();
        } else {
          const int error = errno;
          static_cast<Channel*>(self)->remember_error(error);
          errno = error;
        }
        return sent;
      },
  };
  return functions;
}

Resolver::Resolver(asio::io_context& loop) : loop_(loop) {}
Resolver::Resolver(asio::io_context& loop, const std::vector<NameServer>& servers, unsigned interface)
    : loop_(loop), servers_only_(true), interface_(interface) {
  std::vector<asio::ip::udp::endpoint> endpoints;
  for (const NameServer& server : servers) endpoints.push_back(server.endpoint);
  servers_ = as_list(endpoints);
}
Resolver::~Resolver() = default;

void Resolver::set_servers(std::vector<asio::ip::udp::endpoint> servers, ResolverPatience patience) {
  servers_ = as_list(servers);
  patience_ = patience;
  channel_.reset();
}

// A new channel when resolv.conf changed; answers under way still arrive on the old one.
std::shared_ptr<Resolver::Channel> Resolver::current_channel() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!servers_ && (!channel_ || now - looked_at_ >= kLookAgainAfter)) {
    looked_at_ = now;
    const FileState state = FileState::of(kResolverFile);
    if (state != resolver_file_) channel_.reset();
    resolver_file_ = state;
  }
  if (!channel_ || channel_->status() != ARES_SUCCESS) {
    channel_ = std::make_shared<Channel>(loop_.get_executor(), patience_, servers_only_, interface_);
    if (servers_ && channel_->status() == ARES_SUCCESS) channel_->use_servers(*servers_);
  }
  return channel_;
}

Failure Resolver::explain(const ProbeRun& run, const Query& query, const std::string& host, IpFamily family) {
  switch (query.status) {
    case ARES_ENOTFOUND:
      return run.fail(Cause::not_found, fmt::format("no such name: {}", host));
    case ARES_EBADNAME:
      return run.fail(Cause::not_found, fmt::format("not a possible name: {}", host));
    case ARES_SUCCESS:
    case ARES_ENODATA: {
      const char* kind = family == IpFamily::any ? "IP" : family == IpFamily::ip4 ? "IPv4" : "IPv6";
      return run.fail(Cause::not_found, fmt::format("{} exists, but has no {} address", host, kind));
    }
    case ARES_ENOMEM:
    case ARES_ENOTINITIALIZED:
    case ARES_EDESTRUCTION:
    case ARES_ECANCELLED:
      return run.fail(Cause::internal,
                      fmt::format("resolving {} broke off: {}", host, ares_strerror(query.status)));
    default:
      break;
  }
  if (const std::optional<int> error = query.channel->own_fault_since(query.started)) {
    return run.fail(Cause::internal,
                    fmt::format("no name server can be asked: {}", system_error_text(*error)));
  }
  if (query.status == ARES_ETIMEOUT) {
    return run.fail(Cause::timeout, fmt::format("the name servers did not answer for {}", host));
  }
  if (query.status == ARES_ECONNREFUSED) {
    return run.fail(Cause::protocol, fmt::format("no name server gave a usable answer for {}", host));
  }
  return run.fail(Cause::protocol, fmt::format("resolving {}: {}", host, ares_strerror(query.status)));
}

Task<Attempt<std::vector<IpAddress>>> Resolver::lookup(ProbeRun& run, std::string host, IpFamily family) {
  if (host.empty() || host.size() > kMaximumName ||
      host.find_first_of(std::string_view("\0 \t\r\n", 5)) != std::string::npos) {
    co_return run.fail(Cause::not_found,
                       fmt::format("not a possible name: {}", host.substr(0, kMaximumName)));
  }
  if (servers_only_ && is_localhost(host)) co_return loopback(family);
  const auto query = std::make_shared<Query>(loop_.get_executor());
  const std::shared_ptr<Channel> channel = current_channel();
  if (channel->status() != ARES_SUCCESS) {
    co_return run.fail(Cause::internal, fmt::format("no resolver: {}", ares_strerror(channel->status())));
  }
  if (channel->pending() >= kMaximumLookups) {
    co_return run.fail(Cause::internal, "too many lookups wait for the name servers");
  }
  channel->start(host, family, query);
  if (!query->done) {
    const auto [error] = co_await query->signal.async_wait(use_tuple);
    if (!query->done) throw boost::system::system_error(error);
  }
  if (query->status == ARES_SUCCESS && !query->addresses.empty()) co_return std::move(query->addresses);
  co_return explain(run, *query, host, family);
}

}  // namespace lookout
