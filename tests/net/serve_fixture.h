// A server with a backend of cardboard, on a loop in a thread of its own. What the backend holds is touched
// on that loop only.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "exporter/serve/server.h"
#include "tests/net/serve_client.h"

namespace lookout::testing {

class FakeBackend : public Backend {
 public:
  // `folder`: of the journal; empty: in memory.
  explicit FakeBackend(asio::io_context& loop, std::string folder = "");

  std::shared_ptr<const Config> config() const override { return configuration; }
  const Book& book() const override { return targets; }
  Journal& journal() override { return kept; }
  const Recorder& recorder() const override { return open; }
  SelfMetrics& metrics() override { return measurements; }
  bool ready() const override { return is_ready; }
  History& history() override { return answered; }
  void probe_ended(const ProbeRecord& record) override { ended_ids.push_back(record.id); }
  Task<ProbeResult> probe(std::shared_ptr<const Module> module, Target target, Duration timeout) override;
  Task<> probe_scrape_targets(Duration timeout) override;
  bool pause(const std::string& target, bool paused) override;
  Recovery& recovery() override { return recovering; }
  Drills& drills() override { return drilling; }
  std::vector<Problem> reload() override;

  // What it answers.
  std::shared_ptr<Config> configuration;
  Book targets;
  SelfMetrics measurements;
  Journal kept;
  Recorder open{kept};
  Leadership leading{nullptr};
  Recovery recovering;
  std::function<AlertSeen(const LookWhere&)> seen_outside = [](const LookWhere&) {
    return AlertSeen();
  };  // of a drill's alert
  Drills drilling;
  History answered{3};
  bool is_ready = true;
  bool throws = false;
  Duration probe_takes{};
  Outcome probe_fails;
  std::vector<Problem> problems;

  // What it was asked.
  std::vector<Target> probed;
  std::string module_name;
  Duration probe_timeout{};
  int probes_ended = 0;
  std::vector<std::int64_t> ended_ids;
  int reloads = 0;
  std::vector<Duration> scrape_timeouts;

 private:
  Task<AlertSeen> look_outside(LookWhere where);

  asio::io_context& loop_;
};

class ServeTest : public ::testing::Test {
 protected:
  using MakeBackend = std::function<std::unique_ptr<FakeBackend>(asio::io_context&)>;
  explicit ServeTest(const MakeBackend& make =
                         [](asio::io_context& loop) { return std::make_unique<FakeBackend>(loop); })
      : backend_(make(loop_)) {}
  ~ServeTest() override;

  ServerOptions options;  // to be changed before start()
  FakeBackend& backend() { return *backend_; }
  void start();
  std::uint16_t port() const { return port_; }
  Client connect() const { return Client(port_); }
  Answer get(std::string_view target, std::string_view headers = {}) const {
    return connect().get(target, headers);
  }

  // Runs it on the loop and waits for its result.
  template <class Function>
  auto on_loop(Function function) {
    std::packaged_task<decltype(function())()> task(std::move(function));
    auto result = task.get_future();
    asio::post(loop_, [&task] { task(); });
    return result.get();
  }
  // Waits until the condition, evaluated on the loop, holds; false after a long time.
  bool eventually(const std::function<bool()>& condition);
  // The value of a sample of /metrics without labels, or with exactly these; -1: there is none.
  double metric(const std::string& series);

  std::future<void> drain(Duration grace);

  // Targets of the book, judged as told.
  void add_targets(std::vector<TargetConfig> configs);
  void set_state(const std::string& name, State state, Outcome failure = {});

  asio::io_context loop_{1};

 private:
  asio::executor_work_guard<Executor> work_ = asio::make_work_guard(loop_);
  std::unique_ptr<FakeBackend> backend_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TargetConfig target_named(std::string name, std::string address = "http://127.0.0.1:1/");

}  // namespace lookout::testing
