#include "tests/net/serve_client.h"

#include <algorithm>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

namespace lookout::testing {
namespace {

constexpr std::chrono::seconds kPatience(20);

[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error("client: " + what); }

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

Client::Client(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("connect");
}

Client::Client(Client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffered_(std::move(other.buffered_)) {}

Client::~Client() { close(); }

void Client::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Client::reset() {
  const linger option{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &option, sizeof option);
  close();
}

void Client::shrink_receive_buffer(int bytes) {
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

ssize_t Client::send_some(std::string_view bytes) {
  return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

ssize_t Client::receive_some(char* into, std::size_t size) { return ::recv(descriptor_, into, size, 0); }

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send_some(bytes);
    if (sent <= 0) give_up("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Client::readable(std::chrono::milliseconds within) {
  pollfd waited{descriptor_, POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(within.count())) == 1;
}

bool Client::fill(std::chrono::milliseconds within) {
  if (!has_buffered() && !readable(within)) give_up("nothing came; so far: " + buffered_.substr(0, 200));
  char bytes[65536];
  const ssize_t count = receive_some(bytes, sizeof bytes);
  if (count < 0) give_up("the connection was reset");
  buffered_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

std::string Client::line() {
  std::size_t end = 0;
  while ((end = buffered_.find("\r\n")) == std::string::npos) {
    if (!fill(kPatience)) give_up("the connection ended within a line: " + buffered_);
  }
  std::string text = buffered_.substr(0, end);
  buffered_.erase(0, end + 2);
  return text;
}

std::string Client::receive_bytes(std::size_t count) {
  while (buffered_.size() < count) {
    if (!fill(kPatience)) give_up("the connection ended within a body");
  }
  std::string bytes = buffered_.substr(0, count);
  buffered_.erase(0, count);
  return bytes;
}

std::string Client::receive_rest(std::chrono::milliseconds within) {
  const auto end = std::chrono::steady_clock::now() + within;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (!fill(std::max(left, std::chrono::milliseconds(0)))) return std::exchange(buffered_, {});
  }
}

void Client::read_chunked(std::string& body) {
  for (;;) {
    const std::size_t size = std::stoul(line(), nullptr, 16);
    if (size > 0) body += receive_bytes(size);
    if (!line().empty()) give_up("a chunk does not end where it should");
    if (size == 0) return;
  }
}

Answer Client::receive(bool head) {
  Answer answer;
  answer.status_line = line();
  if (!answer.status_line.starts_with("HTTP/1.1 ")) give_up("no status line: " + answer.status_line);
  answer.status = std::stoi(answer.status_line.substr(9, 3));
  for (std::string text = line(); !text.empty(); text = line()) {
    const auto colon = text.find(": ");
    if (colon == std::string::npos) give_up("no header line: " + text);
    answer.headers[lower(text.substr(0, colon))] = text.substr(colon + 2);
  }
  if (head || answer.status == 100) return answer;
  if (answer.has("content-length")) {
    answer.body = receive_bytes(std::stoul(answer.headers["content-length"]));
  } else if (answer.has("transfer-encoding")) {
    read_chunked(answer.body);
  } else {
    answer.body = receive_rest();
  }
  return answer;
}

Answer Client::get(std::string_view target, std::string_view headers) {
  send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) + "\r\n");
  return receive();
}

std::string gunzip(const std::string& zipped) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) give_up("zlib");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    char bytes[65536];
    stream.next_out = reinterpret_cast<Bytef*>(bytes);
    stream.avail_out = sizeof bytes;
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(bytes, sizeof bytes - stream.avail_out);
  }
  const bool whole = status == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) give_up("not one whole gzip member");
  return out;
}

}  // namespace lookout::testing
