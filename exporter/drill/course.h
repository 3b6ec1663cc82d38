// The course of a drill: which hop of the alert's way is waited for, since when, and how long at most; what
// was seen in, what became of the hops out. Pure; told the time.
//
// One hop after the other: a later one counts only when those before it have passed, or are not asked. The
// failure lasts as long as the drill was ordered to, and longer while a hop on the way out is within its
// limit. A hop that breaks ends it: what had been reached is still followed back.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/drill/seen.h"
#include "exporter/incident/moment.h"

namespace lookout {

enum class Hop : std::uint8_t {
  opened,    // the incident, here
  firing,    // the alert in Prometheus
  arrived,   // in Alertmanager, and active
  notified,  // the receiver
  closed,    // the incident
  resolved,  // the alert in Prometheus
  cleared    // in Alertmanager
};
inline constexpr std::size_t kHopCount = 7;
std::string_view name(Hop hop);

enum class HopState : std::uint8_t { waiting, passed, broken, not_asked, not_reached };
std::string_view name(HopState state);

struct HopStatus {
  HopState state = HopState::waiting;
  std::optional<WallTime> at;  // passed or broken
  Duration took{};             // since the hop before, or since the failure ended
  std::string text;            // what is known of it, for people
};

struct CoursePlan {
  bool asks_prometheus = false, asks_alertmanager = false;
  Duration duration{};  // of the failure, at least
  Duration interval{};  // between two answers of the target
  int failure_threshold = 1, success_threshold = 1;
};

class Course {
 public:
  Course(CoursePlan plan, Moment now);

  // What was there before the failure began: an alert of an earlier drill is none of this one.
  void begin(const AlertSeen& before, Moment now);
  void opened(std::string text, Moment now);
  void closed(std::string text, Moment now);
  // The alert came back from its receiver.
  void delivered(const std::string& receiver, Moment now);
  // What a look found; also the time passes.
  void see(const AlertSeen& seen, Moment now);

  bool failing() const { return failing_; }
  bool over() const { return !current(); }
  std::optional<Hop> current() const;  // the first that is waited for
  std::optional<Hop> broken() const;
  const HopStatus& at(Hop hop) const { return hops_.at(static_cast<std::size_t>(hop)); }
  // What came of it, or stands now, in words.
  std::string summary() const;

 private:
  HopStatus& edit(Hop hop) { return hops_.at(static_cast<std::size_t>(hop)); }
  bool advance(const AlertSeen& seen, Moment now);
  bool look_for_alert(const AlertSeen& seen, Moment now);
  bool look_for_arrival(const AlertSeen& seen, Moment now);
  bool look_for_notification(const AlertSeen& seen, Moment now);
  bool look_for_end(Hop hop, bool is_there, const std::string& trouble, Moment now);
  void pass(Hop hop, std::string text, Moment now);
  void break_off(Hop hop, Moment now);
  void end_failure(Moment now);
  Duration limit(Hop hop) const;

  CoursePlan plan_;
  Pace pace_;
  std::array<HopStatus, kHopCount> hops_;
  Moment began_;
  Moment since_;  // the current hop is waited for
  bool failing_ = true;
  bool lingers_in_prometheus_ = false, lingers_in_alertmanager_ = false;
  std::optional<std::map<std::string, Notifications>> notified_before_;  // the alert arrived
  std::optional<std::string> delivered_to_;
  Moment delivered_at_{};
};

}  // namespace lookout
