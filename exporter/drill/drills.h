// Drills: a target's answers are replaced by a failure for a while, for a judge of its own, and the alert
// that comes of it is followed to whoever is to be told, and back. Main loop; waits for nothing itself.
//
// The target's real probes go on and are told as always. A drill's incident is marked as one and is kept
// apart: nothing counts it, nothing is done about it, nobody's incident is held for it. A restart ends drills
// (journal/recorder.h closes their incidents).
#pragma once

#include <array>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "exporter/drill/course.h"
#include "exporter/drill/look.h"
#include "exporter/incident/book.h"
#include "exporter/incident/maintenance.h"
#include "exporter/journal/journal.h"

namespace lookout {

struct DrillOrder {
  std::string target;
  Failure failure{Stage::connect, Cause::refused, {}};
  Duration duration = DrillConfig::kUsualDuration;  // of the failure, at least
  std::string prometheus_url, alertmanager_url;     // empty: not asked
  std::string by;                                   // who wants it
};

enum class DrillOutcome : std::uint8_t {
  running,
  passed,
  failed,  // a hop broke
  ended    // by something else
};
std::string_view name(DrillOutcome outcome);

struct Drill {
  std::string id;
  DrillOrder order;
  WallTime started;
  std::optional<WallTime> ended;
  DrillOutcome outcome = DrillOutcome::running;
  std::string text;  // what came of it
  Course course;
  std::optional<Incident> incident;
  std::string recovery;  // what would have been done about it; empty: there is no plan

  // What it works with.
  TargetState state;
  std::string delivered_to;
  std::array<bool, kHopCount> noted{};
};

class Drills {
 public:
  using Look = std::function<Task<AlertSeen>(LookWhere)>;
  struct Hooks {
    // What surrounds a target now.
    std::function<Circumstances(const TargetRecord&, Moment)> circumstances_of;
    // What recovery would do about an incident as this, in words; `asked_by`: the alert, or empty.
    std::function<std::string(const std::string& target, const std::string& incident,
                              const TargetState& state, const std::string& asked_by, Moment)>
        rehearse;
    // For the log: a drill began, took a hop, came to an end; a scheduled one was refused and has no id.
    std::function<void(const DrillOrder&, const std::string& id, std::string_view what,
                       const std::string& text)>
        happened;
  };

  Drills(asio::io_context& main, Book& book, Journal& journal, Look look, Hooks hooks);

  // Whom scheduled drills ask, and others that name nobody.
  void set_urls(std::string prometheus, std::string alertmanager);
  // A drill of a target that it does not have ends.
  void apply(std::shared_ptr<const Config> config, Moment now);
  void resume(const Restored& restored);
  void enter_again();
  // Ends what runs, and begins nothing any more.
  void stop(Moment now);

  struct Refusal {
    int status = 409;  // of HTTP
    std::string text;
  };
  std::variant<std::shared_ptr<const Drill>, Refusal> start(DrillOrder order, Moment now);

  // A real probe was judged: a failure ends the target's drill.
  void judged(const std::string& target, Moment now);
  // Alertmanager has sent a drill's alert here; false: none runs that it could be of.
  bool delivered(const std::string& target, const std::string& receiver, const std::string& alert,
                 Moment now);
  // Begins what is due. Every second.
  void look_around(Moment now);

  // Newest first.
  const std::list<std::shared_ptr<Drill>>& all() const { return drills_; }
  const Drill* find(std::string_view id) const;
  const Drill* running(std::string_view target) const;
  // Of those that run.
  std::vector<const Incident*> open_incidents() const;

  // Between two looks.
  Duration look_interval = std::chrono::milliseconds(500);
  static constexpr std::size_t kMostAtOnce = 10, kMostKept = 100;

 private:
  struct Planned {
    DrillConfig drill;
    MaintenanceWindow times;  // for its schedule
    std::optional<WallTime> next;
  };

  std::string refusal(const TargetRecord& record, Moment now) const;
  Task<> follow(std::shared_ptr<Drill> drill);
  Task<> answer(std::shared_ptr<Drill> drill);
  LookWhere wanted(const Drill& drill) const;
  void judge(Drill& drill, Moment now);
  void open(Drill& drill, const TargetConfig& target, const Outage& outage, Moment now);
  void close(Drill& drill, const IncidentEvent& event, Moment now);
  void rehearse(Drill& drill, Moment now);
  void note_hops(Drill& drill);
  void tell(const DrillOrder& order, const std::string& id, std::string_view what, const std::string& text);
  void note(Drill& drill, WallTime at, std::string_view what, const std::string& text);
  void finish(Drill& drill, Moment now);
  void cut(Drill& drill, const std::string& why, Moment now);
  void end(Drill& drill, DrillOutcome outcome, std::string text, Moment now);
  Drill* find_running(std::string_view target);
  void keep(const Drill& drill);
  void keep_passed(const std::string& target, WallTime when);

  asio::io_context& main_;
  Book& book_;
  Journal& journal_;
  const Look look_;
  const Hooks hooks_;
  std::string prometheus_url_, alertmanager_url_;
  std::list<std::shared_ptr<Drill>> drills_;
  std::vector<Planned> planned_;
  std::map<std::string, WallTime, std::less<>> passed_;  // by target
  bool stopping_ = false;
};

}  // namespace lookout
