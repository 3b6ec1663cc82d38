// Scrapes an exporter as Prometheus does, many targets at once, and tells what became of every scrape as one
// line of JSON.
//
//   --connections=64 --requests=20000
//       closed loop: each connection asks again as soon as it has its answer
//   --targets=5000 --interval=15 --seconds=45
//       open loop: each target is due every interval, spread evenly; on a connection of its own, or with
//       --pool=N on whichever of N is free. An answer after the timeout, and a target that was still waiting
//       when due again, count as missed.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio.hpp>
#include <fmt/format.h>
#include <zlib.h>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::string path;  // "{}" becomes the target's number
  std::size_t connections = 64, requests = 0;
  std::size_t targets = 0, pool = 0;
  double interval = 15, seconds = 45, timeout = 10;
};

struct Tally {
  std::size_t ok = 0, failed = 0, missed = 0;
  std::vector<float> latencies;
};

std::string request_for(const Options& options, std::size_t target) {
  std::string path = options.path;
  if (auto at = path.find("{}"); at != std::string::npos) path.replace(at, 2, std::to_string(target));
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: text/plain;version=0.0.4\r\nAccept-Encoding: gzip\r\n"
      "User-Agent: Prometheus/2.42.0\r\nX-Prometheus-Scrape-Timeout-Seconds: {}\r\n\r\n",
      path, options.port, options.timeout);
}

std::string inflated(std::string_view packed) {
  z_stream stream{};
  ::inflateInit2(&stream, 15 + 16);
  std::string out(64 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return out;
}

// Undoes chunked coding of a complete body; false: not complete yet.
bool dechunk(std::string_view coded, std::string& body) {
  body.clear();
  for (;;) {
    auto line = coded.find("\r\n");
    if (line == std::string_view::npos) return false;
    std::size_t size = 0;
    std::from_chars(coded.data(), coded.data() + line, size, 16);
    if (coded.size() < line + 2 + size + 2) return false;
    if (size == 0) return true;
    body.append(coded.substr(line + 2, size));
    coded.remove_prefix(line + 2 + size + 2);
  }
}

// The whole body if `text` holds a complete response; whether the probe succeeded.
std::optional<bool> verdict(std::string_view text) {
  auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  std::string head(text.substr(0, end));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string_view rest = text.substr(end + 4);
  std::string body;
  if (auto at = head.find("content-length: "); at != std::string::npos) {
    std::size_t size = std::stoul(head.substr(at + 16));
    if (rest.size() < size) return std::nullopt;
    body = rest.substr(0, size);
  } else if (!dechunk(rest, body)) {
    return std::nullopt;
  }
  if (head.find("content-encoding: gzip") != std::string::npos) body = inflated(body);
  return head.starts_with("http/1.1 200") && body.find("\nprobe_success 1\n") != std::string::npos;
}

class Connection {
 public:
  Connection(asio::io_context& loop, const Options& options) : options_(options), socket_(loop) {}

  // One scrape; `done(ok)` when the answer is there or the connection failed.
  template <class Done>
  void scrape(std::size_t target, Done done) {
    if (!connect()) return done(false);
    request_ = request_for(options_, target);
    answer_.clear();
    asio::async_write(socket_, asio::buffer(request_), [this, done](auto error, std::size_t) mutable {
      if (error) return fail(done);
      read(std::move(done));
    });
  }

 private:
  bool connect() {
    if (socket_.is_open()) return true;
    boost::system::error_code error;
    socket_.connect({asio::ip::address_v4::loopback(), options_.port}, error);
    socket_.set_option(tcp::no_delay(true), error);
    return !error;
  }

  template <class Done>
  void fail(Done& done) {
    boost::system::error_code ignored;
    socket_.close(ignored);
    done(false);
  }

  template <class Done>
  void read(Done done) {
    socket_.async_wait(tcp::socket::wait_read, [this, done](auto error) mutable {
      if (error) return fail(done);
      std::size_t before = answer_.size();
      answer_.resize(before + 16 * 1024);
      std::size_t got = socket_.read_some(asio::buffer(answer_.data() + before, 16 * 1024), error);
      answer_.resize(before + got);
      if (error) return fail(done);
      if (auto ok = verdict(answer_)) {
        answer_ = {};
        done(*ok);
      } else {
        read(std::move(done));
      }
    });
  }

  const Options& options_;
  tcp::socket socket_;
  std::string request_, answer_;
};

class ClosedLoop {
 public:
  ClosedLoop(asio::io_context& loop, const Options& options, Tally& tally)
      : options_(options), tally_(tally) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      connections_.push_back(std::make_unique<Connection>(loop, options));
      next(*connections_.back());
    }
  }

 private:
  void next(Connection& connection) {
    if (started_ == options_.requests) return;
    auto start = Clock::now();
    connection.scrape(started_++, [this, &connection, start](bool ok) {
      ++(ok ? tally_.ok : tally_.failed);
      tally_.latencies.push_back(std::chrono::duration<float>(Clock::now() - start).count());
      next(connection);
    });
  }

  const Options& options_;
  Tally& tally_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t started_ = 0;
};

class OpenLoop {
 public:
  OpenLoop(asio::io_context& loop, const Options& options, Tally& tally)
      : loop_(loop), options_(options), tally_(tally), timer_(loop), waiting_(options.targets, false) {
    std::size_t count = options.pool != 0 ? options.pool : options.targets;
    for (std::size_t i = 0; i < count; ++i)
      connections_.push_back(std::make_unique<Connection>(loop, options));
    for (auto& connection : connections_) free_.push_back(connection.get());
    total_ =
        static_cast<std::size_t>(options.seconds / options.interval * static_cast<double>(options.targets));
    tick();
  }

 private:
  struct Item {
    std::size_t target;
    Clock::time_point due;
  };

  Clock::time_point due(std::size_t n) const {
    double offset = options_.interval / static_cast<double>(options_.targets) * static_cast<double>(n);
    return start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(offset));
  }

  void tick() {
    for (; started_ < total_ && due(started_) <= Clock::now(); ++started_)
      begin({started_ % options_.targets, due(started_)});
    if (started_ == total_) return;
    timer_.expires_at(due(started_));
    timer_.async_wait([this](auto) { tick(); });
  }

  void begin(const Item& item) {
    if (waiting_[item.target]) {
      ++tally_.missed;
      return;
    }
    waiting_[item.target] = true;
    queue_.push_back(item);
    serve();
  }

  void serve() {
    while (!queue_.empty()) {
      const Item item = queue_.front();
      Connection* connection = options_.pool != 0 ? take_free() : connections_[item.target].get();
      if (!connection) return;
      queue_.pop_front();
      connection->scrape(item.target, [this, item, connection](bool ok) { end(item, connection, ok); });
    }
  }

  Connection* take_free() {
    if (free_.empty()) return nullptr;
    Connection* connection = free_.back();
    free_.pop_back();
    return connection;
  }

  void end(const Item& item, Connection* connection, bool ok) {
    float latency = std::chrono::duration<float>(Clock::now() - item.due).count();
    waiting_[item.target] = false;
    tally_.latencies.push_back(latency);
    ++(latency > options_.timeout ? tally_.missed : ok ? tally_.ok : tally_.failed);
    if (options_.pool == 0) return;
    free_.push_back(connection);
    asio::post(loop_, [this] { serve(); });
  }

  asio::io_context& loop_;
  const Options& options_;
  Tally& tally_;
  asio::steady_timer timer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> free_;
  std::vector<bool> waiting_;
  std::deque<Item> queue_;
  Clock::time_point start_ = Clock::now() + std::chrono::milliseconds(200);
  std::size_t started_ = 0, total_ = 0;
};

float quantile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Scrapes an exporter as Prometheus does"};
  app.add_option("--port", options.port)->required();
  app.add_option("--path", options.path)->required();
  app.add_option("--connections", options.connections);
  app.add_option("--requests", options.requests);
  app.add_option("--targets", options.targets);
  app.add_option("--pool", options.pool);
  app.add_option("--interval", options.interval);
  app.add_option("--seconds", options.seconds);
  app.add_option("--timeout", options.timeout);
  CLI11_PARSE(app, argc, argv);

  asio::io_context loop{1};
  Tally tally;
  std::unique_ptr<ClosedLoop> closed;
  std::unique_ptr<OpenLoop> open;
  if (options.targets != 0) {
    open = std::make_unique<OpenLoop>(loop, options, tally);
  } else {
    closed = std::make_unique<ClosedLoop>(loop, options, tally);
  }
  auto start = Clock::now();
  loop.run();
  std::cout
      << fmt::format(
             R"({{"ok": {}, "failed": {}, "missed": {}, "seconds": {:.3f}, "p50": {:.6f}, "p99": {:.6f}, "max": {:.6f}}})",
             tally.ok, tally.failed, tally.missed,
             std::chrono::duration<double>(Clock::now() - start).count(), quantile(tally.latencies, 0.5),
             quantile(tally.latencies, 0.99), quantile(tally.latencies, 1))
      << '\n';
}
