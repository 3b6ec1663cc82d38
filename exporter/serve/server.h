// The HTTP server: accepts, parses, answers, all on the main loop; an idle connection costs a socket and a
// small frame, never a thread or a buffer. Hostile clients are bounded: header and body size, time for a
// request's head, idle time, number of connections.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/serve/backend.h"

namespace lookout {

struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 64 * 1024;
  Duration header_timeout = std::chrono::seconds(10);  // from a request's first byte to its last
  Duration idle_timeout = std::chrono::minutes(5);     // keep-alive without a request
  Duration write_timeout = std::chrono::seconds(30);   // without progress
  Duration stream_timeout =
      std::chrono::minutes(2);       // a page in pieces: it holds what it shows until its end
  std::size_t connections = 30'000;  // at most; bounded by the descriptors too
};

struct ServerOptions {
  std::vector<std::string> listen_addresses{":9115"};  // in the forms of listen_address.h
  bool systemd_sockets = false;                        // listen on what systemd passes on instead
  std::string route_prefix = "/";                      // normalised: "/" or "/x/y/"
  std::string external_url;
  double timeout_offset_seconds = 0.5;  // taken off the scrape timeout header
  std::string web_config_file;          // empty: plain HTTP for everybody
  // That file became unusable while serving.
  std::function<void(const std::vector<Problem>&)> on_web_config_problems = [](const auto&) {};
  ServerLimits limits;
};

class Server {
 public:
  // Binds and listens at once; throws std::runtime_error with the address and the reason when it cannot, and
  // with every problem of the web configuration.
  // The backend outlives the last run of the loop; connections that are left are destroyed with the loop.
  Server(asio::io_context& loop, Backend& backend, ServerOptions options);
  ~Server();
  void start();
  // Stops accepting, lets requests in progress end within `grace`, then closes everything.
  Task<> drain(Duration grace);
  std::vector<std::uint16_t> ports() const;    // as bound, for port 0
  std::vector<std::string> addresses() const;  // as bound, for people

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lookout
