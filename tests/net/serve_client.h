// A client of the server's tests that speaks raw bytes over a blocking socket; every wait is bounded and a
// failed expectation throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace lookout::testing {

struct Answer {
  int status = 0;
  std::string status_line;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // without its chunked coding, not unzipped
  bool has(const std::string& name) const { return headers.count(name) > 0; }
  std::string header(const std::string& name) const { return has(name) ? headers.at(name) : ""; }
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  virtual ~Client();
  Client(Client&& other) noexcept;
  Client(const Client&) = delete;

  void send(std::string_view bytes);
  // Throws unless a whole answer comes. `head`: the answer to a HEAD request, which has no body.
  Answer receive(bool head = false);
  Answer get(std::string_view target, std::string_view headers = {});
  std::string receive_bytes(std::size_t count);
  // What comes until the peer closes; throws when it does not within the time.
  std::string receive_rest(std::chrono::milliseconds within = std::chrono::seconds(10));
  bool readable(std::chrono::milliseconds within);
  void reset();  // closes with RST
  void close();
  void shrink_receive_buffer(int bytes);

 protected:
  int descriptor() const { return descriptor_; }
  virtual ssize_t send_some(std::string_view bytes);
  virtual ssize_t receive_some(char* into, std::size_t size);  // 0: the peer closed
  virtual bool has_buffered() const { return false; }          // of bytes that the socket no longer announces

 private:
  bool fill(std::chrono::milliseconds within);  // false: the peer closed
  std::string line();
  void read_chunked(std::string& body);

  int descriptor_ = -1;
  std::string buffered_;
};

std::string gunzip(const std::string& zipped);

}  // namespace lookout::testing
