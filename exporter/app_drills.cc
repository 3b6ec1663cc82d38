// What drills need of the rest of the program.
#include "exporter/app.h"
#include "exporter/event_log.h"

namespace lookout {
namespace {

Task<bool> look_into(LookWhere where, ProbeServices& services, std::shared_ptr<AlertSeen> seen) {
  *seen = co_await look(std::move(where), services);
  co_return true;
}

}  // namespace

// On the thread of the actions: what others answer may take long to come and to read.
Task<AlertSeen> App::look_for_alert(LookWhere where) {
  auto seen = std::make_shared<AlertSeen>();
  if (where.prometheus_url.empty() && where.alertmanager_url.empty()) co_return *seen;
  co_await action_loop_.lend(
      [where, seen](ProbeServices& services) { return look_into(where, services, seen); });
  co_return std::move(*seen);
}

Drills::Hooks App::drill_hooks() {
  Drills::Hooks hooks;
  hooks.circumstances_of = [this](const TargetRecord& record, Moment now) {
    return recovery_.circumstances_of(record, now);
  };
  hooks.rehearse = [this](const std::string& target, const std::string& incident, const TargetState& state,
                          const std::string& asked_by,
                          Moment now) { return recovery_.rehearse(target, incident, state, asked_by, now); };
  hooks.happened = log_drill;
  return hooks;
}

}  // namespace lookout
