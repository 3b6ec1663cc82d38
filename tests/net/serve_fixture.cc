#include "tests/net/serve_fixture.h"

#include "exporter/incident/step.h"

namespace lookout::testing {
namespace {

std::shared_ptr<const Module> module(std::string name, KindConfig config, Duration timeout = {}) {
  return std::make_shared<const Module>(Module{std::move(name), timeout, std::move(config)});
}

Task<> drain_server(Server* server, Duration grace, std::promise<void> done) {
  co_await server->drain(grace);
  done.set_value();
}

}  // namespace

FakeBackend::FakeBackend(asio::io_context& loop, std::string folder)
    : configuration(std::make_shared<Config>()),
      kept(loop, std::move(folder), {}),
      recovering(loop, targets, open, kept, leading, {}, {}, {}),
      drilling(loop, targets, kept, [this](LookWhere where) { return look_outside(std::move(where)); },
               {.circumstances_of = [](const TargetRecord&, Moment) { return Circumstances(); },
                .rehearse = {},
                .happened = {}}),
      loop_(loop) {
  recovering.apply(configuration);
  HttpConfig with_host;
  with_host.headers["hOsT"] = "configured.example";
  configuration->modules["http_2xx"] = module("http_2xx", HttpConfig{});
  configuration->modules["short"] = module("short", HttpConfig{}, std::chrono::seconds(2));
  configuration->modules["with_host"] = module("with_host", with_host);
  configuration->modules["tcp"] = module("tcp", TcpConfig{});
  configuration->printed = "modules:\n    http_2xx:\n        prober: http\n";
}

Task<ProbeResult> FakeBackend::probe(std::shared_ptr<const Module> module, Target target, Duration timeout) {
  if (throws) throw std::runtime_error("of cardboard");
  module_name = module->name;
  probed.push_back(std::move(target));
  probe_timeout = timeout;
  ProbeResult result;
  result.verdict = probe_fails ? Verdict::down : Verdict::up;
  result.failure = probe_fails;
  result.started = std::chrono::system_clock::now();
  result.duration = std::chrono::milliseconds(12);
  result.timeout = timeout;
  result.trace = {{std::chrono::milliseconds(1), "resolved by a fake"}};
  if (probe_takes > Duration::zero()) {
    Timer timer(loop_.get_executor(), probe_takes);
    co_await timer.async_wait(use_task);
  }
  ++probes_ended;
  co_return result;
}

Task<AlertSeen> FakeBackend::look_outside(LookWhere where) { co_return seen_outside(where); }

Task<> FakeBackend::probe_scrape_targets(Duration timeout) {
  scrape_timeouts.push_back(timeout);
  co_return;
}

bool FakeBackend::pause(const std::string& target, bool paused) {
  targets.set_paused(target, paused);
  return targets.find(target) != nullptr;
}

std::vector<Problem> FakeBackend::reload() {
  ++reloads;
  return problems;
}

// What still runs is destroyed with the loop, after server and backend: their ends must bear that.
ServeTest::~ServeTest() {
  if (!thread_.joinable()) return;
  asio::post(loop_, [this] {
    server_.reset();
    loop_.stop();
  });
  thread_.join();
}

void ServeTest::start() {
  if (options.listen_addresses == std::vector<std::string>{":9115"})
    options.listen_addresses = {"127.0.0.1:0"};
  server_ = std::make_unique<Server>(loop_, *backend_, options);
  port_ = server_->ports().at(0);
  server_->start();
  thread_ = std::thread([this] { loop_.run(); });
}

bool ServeTest::eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    if (on_loop(condition)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

double ServeTest::metric(const std::string& series) {
  const std::string page = "\n" + get("/metrics").body;
  const auto at = page.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size() + 2));
}

std::future<void> ServeTest::drain(Duration grace) {
  std::promise<void> done;
  auto ended = done.get_future();
  asio::co_spawn(loop_, drain_server(server_.get(), grace, std::move(done)), asio::detached);
  return ended;
}

void ServeTest::add_targets(std::vector<TargetConfig> configs) {
  for (TargetConfig& config : configs) {
    config.module = backend_->configuration->modules.at("http_2xx");
    backend_->configuration->targets.push_back(std::make_shared<const TargetConfig>(std::move(config)));
  }
  backend_->targets.apply(*backend_->configuration);
}

void ServeTest::set_state(const std::string& name, State state, Outcome failure) {
  ProbeResult result;
  result.verdict = failure ? Verdict::down : Verdict::up;
  result.failure = failure;
  result.started = WallTime(std::chrono::seconds(1795422370));
  result.duration = std::chrono::milliseconds(250);
  Step judged;
  judged.next.state = state;
  const Moment started{result.started, {}};
  judged.next.row_start = started;
  (failure ? judged.next.failures_in_row : judged.next.successes_in_row) = 1;
  if (state == State::down) {
    const Moment detected = before(started, -std::chrono::milliseconds(250));
    judged.next.incident = Outage{started, detected, *failure, *failure};
  }
  backend_->targets.enter(name, std::make_shared<const ProbeResult>(std::move(result)), judged);
}

TargetConfig target_named(std::string name, std::string address) {
  TargetConfig config;
  config.name = std::move(name);
  config.address = std::move(address);
  return config;
}

}  // namespace lookout::testing
