#include "tests/support/scripted_dns.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lookout::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kHeader = 12;  // RFC 1035 section 4.1.1

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "scripted name server: %s: %s\n", what, std::strerror(errno));
  std::abort();
}

std::uint16_t read16(std::string_view text, std::size_t at) {
  return static_cast<std::uint16_t>((static_cast<unsigned char>(text[at]) << 8) |
                                    static_cast<unsigned char>(text[at + 1]));
}

std::string record_bytes(const DnsRecord& record) {
  return wire_name(record.name) + big16(record.type) + big16(record.record_class) + big32(record.ttl) +
         big16(static_cast<std::uint16_t>(record.data.size())) + record.data;
}

// nullopt: no question that we understand.
std::optional<DnsQuestion> parse_question(std::string message) {
  if (message.size() < kHeader || read16(message, 4) != 1) return std::nullopt;
  DnsQuestion question;
  std::size_t at = kHeader;
  while (at < message.size() && message[at] != 0) {
    const std::size_t size = static_cast<unsigned char>(message[at]);
    if (size > 63 || at + 1 + size >= message.size()) return std::nullopt;
    if (!question.name.empty()) question.name += '.';
    for (const char c : message.substr(at + 1, size))
      question.name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    at += size + 1;
  }
  if (at + 5 > message.size()) return std::nullopt;
  question.type = read16(message, at + 1);
  question.question_class = read16(message, at + 3);
  question.message = std::move(message);
  return question;
}

}  // namespace

std::string ipv4(const std::string& address) {
  std::string bytes(4, '\0');
  require(::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1, "address");
  return bytes;
}

std::string ipv6(const std::string& address) {
  std::string bytes(16, '\0');
  require(::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1, "address");
  return bytes;
}

std::string big16(std::uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 255)};
}

std::string big32(std::uint32_t value) {
  return big16(static_cast<std::uint16_t>(value >> 16)) + big16(static_cast<std::uint16_t>(value & 0xffff));
}

std::string wire_text(std::string_view text) { return static_cast<char>(text.size()) + std::string(text); }

std::string wire_name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    if (dot > 0) wire += wire_text(name.substr(0, dot));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return wire + '\0';
}

DnsReply DnsReply::with_rcode(int rcode) const {
  DnsReply reply = *this;
  reply.flags = static_cast<std::uint16_t>((reply.flags & 0xfff0) | rcode);
  return reply;
}

DnsReply DnsReply::with_id(std::uint16_t wrong) const {
  DnsReply reply = *this;
  reply.id = wrong;
  return reply;
}

DnsReply DnsReply::truncated() const {
  DnsReply reply = *this;
  reply.flags |= 0x0200;
  return reply;
}

DnsReply DnsReply::with(DnsRecord answer) const {
  DnsReply reply = *this;
  reply.answers.push_back(std::move(answer));
  return reply;
}

std::string DnsReply::bytes() const {
  std::string text = big16(id) + big16(flags) + big16(question.empty() ? 0 : 1);
  for (const auto* section : {&answers, &authorities, &additionals})
    text += big16(static_cast<std::uint16_t>(section->size()));
  text += question;
  for (const auto* section : {&answers, &authorities, &additionals}) {
    for (const DnsRecord& record : *section) text += record_bytes(record);
  }
  return text;
}

DnsReply DnsQuestion::reply() const {
  DnsReply reply;
  reply.id = read16(message, 0);
  std::size_t end = kHeader;
  while (message[end] != 0) end += static_cast<unsigned char>(message[end]) + 1U;
  reply.question = message.substr(kHeader, end + 5 - kHeader);
  return reply;
}

struct ScriptedDns::State {
  struct Connection {
    int socket;
    std::string input;
  };
  // To be sent when its time has come.
  struct Pending {
    Clock::time_point due;
    std::function<void()> send;
  };

  int udp = -1, listener = -1, stop_event = -1;
  std::uint16_t port = 0;
  mutable std::mutex mutex;
  Script script;
  std::map<std::pair<std::string, std::uint16_t>, std::vector<DnsRecord>> records;
  int questions = 0;
  std::list<Connection> connections;
  std::list<Pending> pending;
  std::thread thread;

  DnsAction answer(DnsQuestion question) {
    Script wanted;
    {
      const std::lock_guard lock(mutex);
      question.number = questions++;
      wanted = script;
    }
    return wanted ? wanted(question) : from_records(question);
  }

  DnsAction from_records(const DnsQuestion& question) const {
    const std::lock_guard lock(mutex);
    DnsReply reply = question.reply();
    const auto found = records.find({question.name, question.type});
    if (found != records.end()) {
      reply.answers = found->second;
      return reply;
    }
    const auto any = records.lower_bound({question.name, 0});
    const bool name_known = any != records.end() && any->first.first == question.name;
    return name_known ? reply : reply.with_rcode(kNxdomain);
  }

  void later(std::chrono::milliseconds delay, std::function<void()> send) {
    if (delay.count() == 0) return send();
    pending.push_back({Clock::now() + delay, std::move(send)});
  }

  void serve_udp() {
    std::string message(4096, '\0');
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(udp, message.data(), message.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    if (got <= 0) return;
    message.resize(static_cast<std::size_t>(got));
    std::optional<DnsQuestion> question = parse_question(std::move(message));
    if (!question) return;
    const DnsAction action = answer(*question);
    later(action.delay, [this, action, from, size] {
      for (const std::string& reply : action.messages) {
        ::sendto(udp, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
      }
    });
  }

  // False: the connection is over.
  bool serve_tcp(Connection& connection) {
    std::string more(4096, '\0');
    const ssize_t got = ::recv(connection.socket, more.data(), more.size(), MSG_DONTWAIT);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    connection.input.append(more, 0, static_cast<std::size_t>(got));
    while (connection.input.size() >= 2 && connection.input.size() >= 2U + read16(connection.input, 0)) {
      std::optional<DnsQuestion> question =
          parse_question(connection.input.substr(2, read16(connection.input, 0)));
      connection.input.erase(0, 2U + read16(connection.input, 0));
      if (!question) return false;
      question->tcp = true;
      const DnsAction action = answer(*question);
      later(action.delay, [action, socket = connection.socket] {
        for (const std::string& reply : action.messages) {
          const std::string data =
              (action.raw ? "" : big16(static_cast<std::uint16_t>(reply.size()))) + reply;
          ::send(socket, data.data(), data.size(), MSG_NOSIGNAL);
        }
        if (action.close) ::shutdown(socket, SHUT_RDWR);
      });
    }
    return true;
  }

  int next_wait() const {
    if (pending.empty()) return -1;
    Clock::time_point due = pending.front().due;
    for (const Pending& one : pending) due = std::min(due, one.due);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count();
    return wait < 0 ? 0 : static_cast<int>(wait);
  }

  void send_due() {
    for (auto one = pending.begin(); one != pending.end();) {
      if (one->due > Clock::now()) {
        ++one;
        continue;
      }
      one->send();
      one = pending.erase(one);
    }
  }

  void run() {
    for (;;) {
      std::vector<pollfd> fds{{stop_event, POLLIN, 0}, {udp, POLLIN, 0}, {listener, POLLIN, 0}};
      for (const Connection& connection : connections) fds.push_back({connection.socket, POLLIN, 0});
      ::poll(fds.data(), fds.size(), next_wait());
      if (fds[0].revents != 0) break;
      send_due();
      if (fds[1].revents != 0) serve_udp();
      std::size_t at = 3;
      for (auto connection = connections.begin(); connection != connections.end(); ++at) {
        // Closed sockets are kept until the end, so that a delayed answer never meets another connection's
        // number.
        if (fds[at].revents != 0 && !serve_tcp(*connection)) {
          ::shutdown(connection->socket, SHUT_RDWR);
          finished.push_back(connection->socket);
          connection = connections.erase(connection);
        } else {
          ++connection;
        }
      }
      if (fds[2].revents != 0) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket >= 0) connections.push_back({socket, {}});
      }
    }
  }

  ~State() {
    for (const Connection& connection : connections) ::close(connection.socket);
    for (const int socket : finished) ::close(socket);
    ::close(udp);
    ::close(listener);
    ::close(stop_event);
  }

  std::vector<int> finished;
};

DnsAction endless_text(const DnsQuestion& question) {
  std::string message = question.message.substr(0, 2) + std::string("\x80\0\0\0\x10\0\0\0\0\0", 10);
  for (int i = 0; i < 5; ++i) message += '\x31' + std::string(0x31, '\x01');
  message += '\0';
  const std::string rest("\0\x01\0\x01\0\0\0\0\0\x04\x7f\0\0\x01", 14);
  message += rest;
  while (message.size() < 20000) message += std::string("\xc0\x0c", 2) + rest;
  DnsAction action;
  action.messages = {message};
  return action;
}

ScriptedDns::ScriptedDns(const std::string& address) : state_(std::make_unique<State>()) {
  State& state = *state_;
  const bool ip6 = address.find(':') != std::string::npos;
  const int family = ip6 ? AF_INET6 : AF_INET;
  // UDP gets a port from the kernel; TCP may find the same one taken, then both try again.
  for (int attempt = 0; attempt < 50; ++attempt) {
    sockaddr_storage where{};
    where.ss_family = static_cast<sa_family_t>(family);
    auto& v4 = reinterpret_cast<sockaddr_in&>(where);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(where);
    void* const bytes = ip6 ? static_cast<void*>(&v6.sin6_addr) : &v4.sin_addr;
    require(::inet_pton(family, address.c_str(), bytes) == 1, "reading an address");
    socklen_t size = ip6 ? sizeof v6 : sizeof v4;
    state.udp = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    require(::bind(state.udp, reinterpret_cast<sockaddr*>(&where), size) == 0, "bind");
    require(::getsockname(state.udp, reinterpret_cast<sockaddr*>(&where), &size) == 0, "getsockname");
    state.listener = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(state.listener, reinterpret_cast<sockaddr*>(&where), size) == 0 &&
        ::listen(state.listener, 64) == 0) {
      state.port = ntohs(ip6 ? v6.sin6_port : v4.sin_port);
      break;
    }
    ::close(state.udp);
    ::close(state.listener);
  }
  require(state.port != 0, "finding a port");
  state.stop_event = ::eventfd(0, EFD_CLOEXEC);
  state.thread = std::thread([&state] { state.run(); });
}

ScriptedDns::~ScriptedDns() {
  const std::uint64_t one = 1;
  require(::write(state_->stop_event, &one, sizeof one) == sizeof one, "stopping");
  state_->thread.join();
}

void ScriptedDns::add(const std::string& name, std::uint16_t type, std::string data, std::uint32_t ttl) {
  const std::lock_guard lock(state_->mutex);
  state_->records[{name, type}].push_back({name, type, std::move(data), ttl, 1});
}

void ScriptedDns::script(Script script) {
  const std::lock_guard lock(state_->mutex);
  state_->script = std::move(script);
}

DnsAction ScriptedDns::from_records(const DnsQuestion& question) const {
  return state_->from_records(question);
}

std::uint16_t ScriptedDns::port() const { return state_->port; }

int ScriptedDns::questions() const {
  const std::lock_guard lock(state_->mutex);
  return state_->questions;
}

}  // namespace lookout::test
