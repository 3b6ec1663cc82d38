#include "exporter/app.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <list>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "exporter/app_notify.h"
#include "exporter/event_log.h"
#include "exporter/log.h"
#include "exporter/probe_log.h"

namespace lookout {
namespace {

constexpr Duration kDrainTime = std::chrono::seconds(10);
constexpr Duration kActionPollInterval = std::chrono::milliseconds(50);
constexpr Duration kLastWriteTime = std::chrono::seconds(5);
constexpr Duration kLookAroundInterval = std::chrono::seconds(1);
constexpr Duration kAliveInterval = std::chrono::seconds(10);  // a gap is known that exactly
constexpr int kAlivesBetweenCheckpoints = 30, kAlivesBetweenForgetting = 360;
constexpr auto kTargetFilesInterval = std::chrono::seconds(5);  // how often target_files are looked at

// Raises the soft limit to the hard one: descriptors are what an exporter of many targets runs out of first.
std::size_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, 1U << 20U));
}

std::size_t loop_count(const Flags& flags) {
  return flags.loops != 0 ? flags.loops : std::max(1U, std::thread::hardware_concurrency());
}

// Probes may take what the process has, less what loops, journal and scrapers need.
std::size_t probe_concurrency(const Flags& flags, std::size_t descriptors) {
  std::size_t reserve = std::max<std::size_t>(32, descriptors / 8) + 8 * loop_count(flags);
  return descriptors > reserve + loop_count(flags) ? descriptors - reserve : loop_count(flags);
}

RecoveryBounds recovery_bounds(const Flags& flags) {
  RecoveryBounds bounds;
  bounds.flag = flags.recovery_mode;
  bounds.remembers = !flags.no_storage;
  if (bounds.remembers)
    bounds.stop_file = (std::filesystem::path(flags.storage_path) / "recovery.stop").string();
  return bounds;
}

ServerOptions server_options(const Flags& flags, std::size_t descriptors) {
  ServerOptions options;
  options.listen_addresses = flags.listen_addresses;
  options.systemd_sockets = flags.systemd_socket;
  options.web_config_file = flags.web_config_file;
  options.on_web_config_problems = [](const std::vector<Problem>& problems) {
    for (const Problem& problem : problems)
      log(LogLevel::error, "Web configuration cannot be used", {{"err", describe(problem)}});
  };
  options.route_prefix = flags.route_prefix;
  options.external_url = flags.external_url;
  options.timeout_offset_seconds = flags.timeout_offset_seconds;
  options.limits.connections = std::min(options.limits.connections, descriptors / 2);
  return options;
}

// Tells whether a file changed without reading it; empty if there is none.
std::string stamp(const std::string& path) {
  struct stat status{};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
  return fmt::format("{}.{}.{}.{}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size,
                     status.st_ino);
}

// Of the main file and its module files.
std::string stamp_of_modules(const std::string& path) {
  std::string stamps;
  if (path.empty()) return stamps;
  for (const std::string& file : files_of_modules(path)) stamps += fmt::format("{} {}\n", file, stamp(file));
  return stamps;
}

}  // namespace

App::App(Flags flags, std::shared_ptr<const Config> config)
    : flags_(std::move(flags)),
      book_(flags_.checkpoint),
      history_(flags_.history_limit),
      journal_(loop_, flags_.no_storage ? std::string() : flags_.storage_path, journal_events()),
      recorder_(journal_),
      leadership_(&action_loop_),
      recovery_(
          loop_, book_, recorder_, journal_, leadership_,
          [this](std::shared_ptr<const ActionConfig> action, ActionCause cause) {
            return action_loop_.run(std::move(action), std::move(cause));
          },
          recovery_bounds(flags_), recovery_events()),
      drills_(
          loop_, book_, journal_, [this](LookWhere where) { return look_for_alert(std::move(where)); },
          drill_hooks()),
      pipeline_(book_, recorder_, recovery_, metrics_, log_incident_event),
      probe_loops_(
          loop_, loop_count(flags_), probe_concurrency(flags_, descriptor_limit()), metrics_,
          [this](std::shared_ptr<const TargetConfig> target, Round round) { on_round(*target, round); }),
      server_(loop_, *this, server_options(flags_, descriptor_limit())),
      signals_(loop_, SIGINT, SIGTERM, SIGHUP),
      poll_timer_(loop_) {
  main_file_stamp_ = stamp_of_modules(flags_.config_file);
  drills_.set_urls(flags_.prometheus_url, flags_.alertmanager_url);
  apply(std::move(config));
  metrics_.config_reloaded(true, std::chrono::system_clock::now());
}

int App::run() {
  server_.start();
  wait_for_signal();
  wait_for_poll();
  if (const auto period = watchdog_period()) asio::co_spawn(loop_, feed_watchdog(*period), asio::detached);
  asio::co_spawn(loop_, begin(), asio::detached);
  for (const std::string& address : server_.addresses()) {
    log(LogLevel::info, "Listening",
        {{"address", address}, {"targets", std::to_string(config_->targets.size())}});
  }
  loop_.run();
  return 0;
}

void App::apply(std::shared_ptr<const Config> config) {
  config_ = flags_.shard ? share_of(config, *flags_.shard) : std::move(config);
  if (config_->shard) log_shard(*config_);
  pipeline_.apply(config_, this_moment());
  drills_.apply(config_, this_moment());
  if (!watching_) return;  // begin() or open_journal() will
  if (journal_opened_ || config_->targets.empty()) {
    probe_loops_.watch(config_->targets);
  } else {
    watching_ = false;
    asio::co_spawn(loop_, open_journal(), asio::detached);
  }
  ::malloc_trim(0);  // parsing a large file leaves tens of megabytes behind
}

std::vector<Problem> App::reload() {
  if (flags_.config_file.empty()) return {};
  notify_service_manager("RELOADING=1");
  std::string read_stamp = stamp_of_modules(flags_.config_file);
  ConfigOrProblems loaded = load_config(flags_.config_file);
  auto* problems = std::get_if<std::vector<Problem>>(&loaded);
  metrics_.config_reloaded(problems == nullptr, std::chrono::system_clock::now());
  notify_service_manager("READY=1");
  if (problems) {
    for (const Problem& problem : *problems)
      log(LogLevel::error, "Configuration refused, the old one stays", {{"err", describe(problem)}});
    return std::move(*problems);
  }
  main_file_stamp_ = std::move(read_stamp);
  refused_fingerprint_.clear();
  apply(std::get<std::shared_ptr<const Config>>(std::move(loaded)));
  log(LogLevel::info, "Configuration loaded",
      {{"file", flags_.config_file}, {"targets", std::to_string(config_->targets.size())}});
  return {};
}

// The main file and its module files count only with auto-reload; target files always do, as Prometheus has
// it for file_sd.
bool App::changed_on_disk() {
  if (std::string now = stamp_of_modules(flags_.config_file);
      !flags_.enable_auto_reload && now != main_file_stamp_) {
    if (std::exchange(unread_stamp_, now) != now) {
      log(LogLevel::warn, "The configuration file changed; target files are followed again after a reload",
          {{"file", flags_.config_file}});
    }
    return false;
  }
  std::string now = config_fingerprint(flags_.config_file);
  if (now.empty() || now == refused_fingerprint_) return false;
  if (now != config_->fingerprint) {
    refused_fingerprint_ = now;
    return true;
  }
  if (!std::exchange(refused_fingerprint_, {}).empty()) {  // what is running is back
    metrics_.config_reloaded(true, std::chrono::system_clock::now());
  }
  return false;
}

void App::wait_for_poll() {
  if (flags_.config_file.empty()) return;
  auto interval = std::chrono::seconds(flags_.auto_reload_interval_seconds);
  if (!flags_.enable_auto_reload || interval.count() == 0) interval = kTargetFilesInterval;
  if (!config_->target_files.empty())
    interval = std::min<std::chrono::seconds>(interval, kTargetFilesInterval);
  poll_timer_.expires_after(interval);
  poll_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    if ((flags_.enable_auto_reload || !config_->target_files.empty()) && changed_on_disk()) reload();
    wait_for_poll();
  });
}

void App::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code cancelled, int signal) {
    if (cancelled) return;
    on_signal(signal);
    wait_for_signal();
  });
}

void App::on_signal(int signal) {
  if (signal == SIGHUP) {
    reload();
  } else if (stopping_) {
    loop_.stop();  // asked twice: no more waiting
  } else {
    stopping_ = true;
    log(LogLevel::info, signal == SIGTERM ? "Received SIGTERM, draining" : "Received SIGINT, draining");
    asio::co_spawn(loop_, shut_down(), asio::detached);
  }
}

// Not only this loop must turn for that, but every one that probes.
Task<> App::feed_watchdog(Duration period) {
  Timer timer(loop_.get_executor());
  for (;;) {
    co_await probe_loops_.turn();
    notify_service_manager("WATCHDOG=1");
    timer.expires_after(period);
    co_await timer.async_wait(use_tuple);
  }
}

JournalEvents App::journal_events() {
  JournalEvents events;
  events.failed = [this](const std::string& fault) {
    metrics_.journal_failed();
    if (std::exchange(said_journal_fault_, fault) != fault)
      log(LogLevel::error, "The journal fails; watching goes on, and it is tried again", {{"err", fault}});
  };
  events.dropped = [](std::size_t entries) {
    log(LogLevel::error, "More waits for the journal than is kept; the oldest is lost",
        {{"entries", std::to_string(entries)}});
  };
  events.begun_anew = [this] {
    log(LogLevel::error, "The journal was broken: it is set aside, and a new one begun");
    pipeline_.enter_everything();
    drills_.enter_again();
  };
  events.read_late = [this](const Restored& restored) { resume(restored); };
  return events;
}

void App::resume(const Restored& restored) {
  pipeline_.resume(restored, this_moment());
  drills_.resume(restored);
}

void App::on_round(const TargetConfig& target, const Round& round) {
  pipeline_.on_round(target, round, this_moment());
  drills_.judged(target.name, this_moment());
}

// Without targets there is nothing to keep, and no folder is made. Nothing is probed before the journal has
// been read, or has not answered in time.
Task<> App::begin() {
  if (config_->targets.empty()) {
    watching_ = true;
  } else {
    co_await open_journal();
  }
  notify_service_manager("READY=1");
  asio::co_spawn(loop_, look_around(), asio::detached);
  asio::co_spawn(loop_, leadership_.keep_lease(), asio::detached);
  co_await keep_journal();
}

Task<> App::open_journal() {
  journal_opened_ = true;
  if (const std::optional<Restored> restored = co_await journal_.open()) {
    resume(*restored);
  } else {
    log(LogLevel::error, "The journal cannot be read; targets begin as unknown", {{"err", journal_.fault()}});
  }
  watching_ = true;
  probe_loops_.watch(config_->targets);
}

Task<> App::look_around() {
  Timer timer(loop_.get_executor());
  for (;;) {
    pipeline_.look_around(this_moment());
    drills_.look_around(this_moment());
    metrics_.recovery_mode(recovery_.mode());
    timer.expires_after(kLookAroundInterval);
    co_await timer.async_wait(use_tuple);
  }
}

Task<> App::keep_journal() {
  Timer timer(loop_.get_executor());
  for (int alive = 0;; ++alive) {
    recorder_.checkpoint(std::chrono::system_clock::now(), alive % kAlivesBetweenCheckpoints == 0);
    if (journal_.fault().empty() && !std::exchange(said_journal_fault_, {}).empty())
      log(LogLevel::info, "The journal is written again");
    if (alive % kAlivesBetweenForgetting == kAlivesBetweenForgetting - 1) {
      const std::function<bool(Store&)> forget = [limits = config_->retention](Store& store) {
        return store.forget(limits, std::chrono::system_clock::now());
      };
      while (co_await journal_.ask(forget) == false) {
      }
    }
    timer.expires_after(kAliveInterval);
    co_await timer.async_wait(use_tuple);
  }
}

Task<> App::shut_down() {
  notify_service_manager("STOPPING=1");
  poll_timer_.cancel();
  probe_loops_.pause();
  recovery_.stop();
  drills_.stop(this_moment());
  co_await server_.drain(kDrainTime);
  Timer pause(loop_.get_executor());
  const SteadyTime latest = std::chrono::steady_clock::now() + kDrainTime;
  while (recovery_.acting() && std::chrono::steady_clock::now() < latest) {
    pause.expires_after(kActionPollInterval);
    co_await pause.async_wait(use_tuple);
  }
  co_await leadership_.release();
  if (journal_opened_) {
    recorder_.checkpoint(std::chrono::system_clock::now(), true);
    if (!co_await journal_.written(kLastWriteTime))
      log(LogLevel::error, "What waited for the journal is lost", {{"err", journal_.fault()}});
  }
  log(LogLevel::info, "Stopped");
  loop_.stop();
}

Task<ProbeResult> App::probe(std::shared_ptr<const Module> module, Target target, Duration timeout) {
  return probe_loops_.probe(std::move(module), std::move(target), timeout);
}

bool App::pause(const std::string& target, bool paused) {
  return pipeline_.pause(target, paused, this_moment());
}

void App::probe_ended(const ProbeRecord& record) { log_probe(record); }

// All scrape targets once, each within its own timeout: how long a scraper waits tells nothing about a
// target. Whoever scrapes meanwhile joins, waits as long as it may, and shows what is known by then.
struct App::ScrapeRound {
  std::list<Timer> waiters;  // cancelled, and thereby woken, when the last probe has ended
  std::size_t running = 0;
};

Task<> App::probe_scrape_targets(Duration timeout) {
  if (!scrape_round_) {
    auto round = std::make_shared<ScrapeRound>();
    for (const auto& target : config_->targets) {
      if (target->mode != TargetMode::scrape) continue;
      ++round->running;
      asio::co_spawn(loop_, probe_scrape_target(target, round), asio::detached);
    }
    if (round->running == 0) co_return;
    scrape_round_ = round;
  }
  auto round = scrape_round_;
  auto waiter = round->waiters.emplace(round->waiters.end(), loop_, timeout);
  co_await waiter->async_wait(use_tuple);
  round->waiters.erase(waiter);
}

Task<> App::probe_scrape_target(std::shared_ptr<const TargetConfig> target,
                                std::shared_ptr<ScrapeRound> round) {
  const Round results = co_await probe_loops_.round(target);
  on_round(*target, results);
  if (--round->running > 0) co_return;
  if (scrape_round_ == round) scrape_round_ = nullptr;
  for (Timer& waiter : round->waiters) waiter.cancel();
}

}  // namespace lookout
