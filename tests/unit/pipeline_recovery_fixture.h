// A pipeline with recovery, whose actions only say that they were done, and a journal in memory that takes
// reservations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "exporter/pipeline.h"
#include "exporter/recovery/recovery.h"
#include "tests/support/patience.h"
#include "tests/unit/incident_fixtures.h"

namespace lookout {

struct RecoveryTest : testing::Test {
  Book book;
  SelfMetrics metrics;
  asio::io_context loop;
  Journal journal{loop, "", {}};  // in memory
  std::optional<Recorder> recorder{std::in_place, journal};
  std::vector<std::string> done;  // what was carried out, in order
  ActionResult result{ActionEnd::done, "exit status 0", ""};
  bool hangs = false;
  RecoveryBounds bounds;
  Leadership leadership{nullptr};
  std::unique_ptr<Recovery> recovery;
  std::unique_ptr<Pipeline> pipeline;
  Config settings;
  std::shared_ptr<TargetConfig> shop = target("shop");
  Incident last_ended;
  int second = 0;

  RecoveryTest() {
    settings = config({shop});
    shop->failure_threshold = shop->success_threshold = 1;
    shop->recovery = "plan";
    settings.recovery.mode = RecoveryMode::automatic;
    settings.recovery.actions["restart"].exec.emplace();
    settings.recovery.actions["standby"].exec.emplace();
    settings.recovery.actions["back"].exec.emplace();
    RecoveryPlan& plan = settings.recovery.plans["plan"];
    plan.cooldown = Duration::zero();
    plan.steps.resize(2);
    plan.steps[0].action = "restart";
    plan.steps[0].settle = std::chrono::seconds(10);
    plan.steps[1].action = "standby";
    plan.steps[1].settle = std::chrono::seconds(10);
    begin();
  }

  // As a new process does, after what the last one left.
  void begin(const Restored& restored = {}) {
    begin_unread();
    pipeline->resume(restored, moment(second));
  }
  // The same before it has read what the last one left.
  void begin_unread() {
    recovery = std::make_unique<Recovery>(
        loop, book, *recorder, journal, leadership,
        [this](std::shared_ptr<const ActionConfig> action, ActionCause cause) {
          return act(std::move(action), std::move(cause));
        },
        bounds, Recovery::Events{});
    recorder->on_ended = [this, told = recorder->on_ended](const Incident& incident) {
      told(incident);
      last_ended = incident;
    };
    recovery->clock = [this] { return at(second); };
    pipeline = std::make_unique<Pipeline>(book, *recorder, *recovery, metrics, Pipeline::OnEvent());
    pipeline->apply(std::make_shared<const Config>(settings), moment(second));
    asio::co_spawn(loop, [](Journal& opened) -> Task<> { co_await opened.open(); }(journal), asio::detached);
    turn();
  }

  Task<ActionResult> act(std::shared_ptr<const ActionConfig>, ActionCause cause) {
    done.push_back(cause.attempt.substr(cause.attempt.find('.')) + " " + cause.stage + "/" + cause.cause);
    while (hangs) {
      Timer timer(loop.get_executor(), std::chrono::milliseconds(1));
      co_await timer.async_wait(use_tuple);
    }
    co_return result;
  }

  // Everything that can go on, goes on: also the journal's thread.
  void turn() {
    loop.restart();
    loop.run_for(std::chrono::milliseconds(20) * test::kPatience);
  }

  // A probe each five seconds, as PipelineTest's.
  void feed(std::string_view probes, const std::shared_ptr<TargetConfig>& config_of = nullptr) {
    const TargetConfig& to = config_of ? *config_of : *shop;
    for (const char symbol : probes) {
      second += 5;
      auto probed = symbol == '.'   ? well(at(second))
                    : symbol == 'x' ? failed(at(second))
                                    : own_fault(at(second));
      const Moment started{probed->started, moment(second).steady};
      const Duration took = probed->duration;
      pipeline->on_round(to, {std::move(probed)}, before(started, -took));
      turn();
    }
  }
  std::vector<std::shared_ptr<TargetConfig>> watch_many(int count) {
    std::vector<std::shared_ptr<TargetConfig>> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(target("t" + std::to_string(i)));
      all.back()->failure_threshold = 1;
      all.back()->recovery = "plan";
    }
    settings.targets.assign(all.begin(), all.end());
    return all;
  }
  // All at about the same time.
  void feed_all(std::string_view probe, const std::vector<std::shared_ptr<TargetConfig>>& all) {
    for (const auto& each : all) {
      second -= 5;
      feed(probe, each);
    }
    second += 10;
    look_around();
  }
  void look_around() {
    pipeline->look_around(moment(second));
    turn();
  }

  std::vector<std::string> states() const {
    std::vector<std::string> all;
    for (const RecoveryAttempt* attempt : recovery->ledger().all())
      all.push_back(attempt->action + " " + std::string(name(attempt->state)));
    return all;
  }
  std::uint64_t refusals(RecoveryGate gate) const {
    return book.find("shop")->recovery.refusals.at(static_cast<std::size_t>(gate));
  }
  bool exhausted() const { return book.find("shop")->recovery.exhausted; }
  // Of the newest incident that recovery knows.
  const Incident& incident() const {
    const std::vector<const RecoveryAttempt*> all = recovery->ledger().all();
    return *recorder->incident("shop", all.back()->incident);
  }
};

}  // namespace lookout
