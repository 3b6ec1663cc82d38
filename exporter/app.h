// The composition root: owns every long-lived part in the order in which they depend on each other, and
// carries what happens outside (signals, reloads, scrapes) to them. Main loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/signal_set.hpp>

#include "exporter/drill/drills.h"
#include "exporter/flags.h"
#include "exporter/pipeline.h"
#include "exporter/probe_loops.h"
#include "exporter/recovery/action_loop.h"
#include "exporter/recovery/recovery.h"
#include "exporter/serve/backend.h"
#include "exporter/serve/server.h"

namespace lookout {

class App final : public Backend {
 public:
  // Binds the listen addresses; throws std::runtime_error when one cannot be bound.
  App(Flags flags, std::shared_ptr<const Config> config);

  // Serves until SIGINT or SIGTERM, then drains; the exit status.
  int run();

  std::shared_ptr<const Config> config() const override { return config_; }
  const Book& book() const override { return book_; }
  Journal& journal() override { return journal_; }
  const Recorder& recorder() const override { return recorder_; }
  SelfMetrics& metrics() override { return metrics_; }
  bool ready() const override { return watching_ && !stopping_; }
  History& history() override { return history_; }
  void probe_ended(const ProbeRecord& record) override;
  Task<ProbeResult> probe(std::shared_ptr<const Module> module, Target target, Duration timeout) override;
  Task<> probe_scrape_targets(Duration timeout) override;
  bool pause(const std::string& target, bool paused) override;
  Recovery& recovery() override { return recovery_; }
  Drills& drills() override { return drills_; }
  std::vector<Problem> reload() override;

 private:
  struct ScrapeRound;

  void apply(std::shared_ptr<const Config> config);
  void wait_for_signal();
  void on_signal(int signal);
  void wait_for_poll();
  bool changed_on_disk();
  Task<> probe_scrape_target(std::shared_ptr<const TargetConfig> target, std::shared_ptr<ScrapeRound> round);
  Task<> feed_watchdog(Duration period);
  Task<> begin();
  Task<> open_journal();
  Task<> keep_journal();
  Task<> look_around();
  JournalEvents journal_events();
  Task<AlertSeen> look_for_alert(LookWhere where);
  Drills::Hooks drill_hooks();
  void resume(const Restored& restored);
  void on_round(const TargetConfig& target, const Round& round);
  Task<> shut_down();

  Flags flags_;
  std::shared_ptr<const Config> config_;
  std::string main_file_stamp_;      // of the main file and its module files as loaded
  std::string refused_fingerprint_;  // of the files that the last poll found bad, so that it says so once
  std::string
      unread_stamp_;  // of a main file that changed and is not to be loaded unasked, so that it is said once
  bool stopping_ = false;
  bool watching_ = false;  // the journal has been read, so probes may be judged
  bool journal_opened_ = false;
  std::string said_journal_fault_;  // so that each is said once

  asio::io_context loop_{1};
  SelfMetrics metrics_;
  Book book_;
  History history_;
  Journal journal_;
  Recorder recorder_;
  ActionLoop action_loop_;
  Leadership leadership_;
  Recovery recovery_;
  Drills drills_;
  Pipeline pipeline_;
  ProbeLoops probe_loops_;
  Server server_;
  asio::basic_signal_set<Executor> signals_;
  Timer poll_timer_;
  std::shared_ptr<ScrapeRound>
      scrape_round_;  // engaged while one is in progress: scrapes at the same time share it
};

}  // namespace lookout
