#include "exporter/drill/course.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporter/report/time_text.h"

namespace lookout {
namespace {

constexpr std::array<std::string_view, kHopCount> kHopNames{
    "incident_opened", "prometheus_firing",   "alertmanager_active",  "receiver_notified",
    "incident_closed", "prometheus_resolved", "alertmanager_resolved"};
constexpr std::array<std::string_view, 5> kStateNames{"waiting", "passed", "broken", "not_asked",
                                                      "not_reached"};
constexpr std::array<std::string_view, kHopCount> kWhatBroke{"no incident opened",
                                                             "the alert never fired in Prometheus",
                                                             "the alert never reached Alertmanager",
                                                             "the receiver was never notified",
                                                             "the incident did not close",
                                                             "the alert did not end in Prometheus",
                                                             "the alert did not end in Alertmanager"};
constexpr std::array kWayOut{Hop::opened, Hop::firing, Hop::arrived, Hop::notified};

constexpr Duration kSlack = std::chrono::seconds(10);
constexpr Duration kLongest = std::chrono::minutes(30);

std::string list(const std::vector<std::string>& words) {
  return words.empty() ? "nobody" : fmt::format("{}", fmt::join(words, ", "));
}

std::string without_alert(const PrometheusSeen& seen) {
  if (seen.alert == PrometheusSeen::Alert::pending)
    return fmt::format("{} is pending in Prometheus", seen.alertname);
  return seen.missing;
}

// Why an alert that fires has not arrived.
std::string on_the_way(const AlertSeen& seen) {
  if (!seen.prometheus || !seen.prometheus->alertmanagers)
    return "Alertmanager has no alert with this target and drill=\"true\"";
  const std::vector<std::string>& to = *seen.prometheus->alertmanagers;
  if (to.empty()) return "Prometheus has no Alertmanager that it sends alerts to";
  return fmt::format("Prometheus sends its alerts to {}, and the Alertmanager that was asked has none of it",
                     list(to));
}

}  // namespace

std::string_view name(Hop hop) { return kHopNames.at(static_cast<std::size_t>(hop)); }
std::string_view name(HopState state) { return kStateNames.at(static_cast<std::size_t>(state)); }

Course::Course(CoursePlan plan, Moment now) : plan_(plan), began_(now), since_(now) {
  const auto leave_out = [this](Hop hop) { edit(hop).state = HopState::not_asked; };
  if (!plan_.asks_prometheus) {
    leave_out(Hop::firing);
    leave_out(Hop::resolved);
  }
  if (!plan_.asks_alertmanager) {
    leave_out(Hop::arrived);
    leave_out(Hop::notified);
    leave_out(Hop::cleared);
  }
}

void Course::begin(const AlertSeen& before, Moment now) {
  began_ = since_ = now;
  if (before.pace) pace_ = *before.pace;
  lingers_in_prometheus_ = before.prometheus && before.prometheus->alert != PrometheusSeen::Alert::none;
  if (!before.alertmanager || !before.alertmanager->trouble.empty()) return;
  lingers_in_alertmanager_ = before.alertmanager->alert != AlertmanagerSeen::Alert::none;
  notified_before_ = before.alertmanager->notifications;
}

std::optional<Hop> Course::current() const {
  for (std::size_t i = 0; i < kHopCount; ++i) {
    if (hops_.at(i).state == HopState::waiting) return static_cast<Hop>(i);
  }
  return std::nullopt;
}

std::optional<Hop> Course::broken() const {
  for (std::size_t i = 0; i < kHopCount; ++i) {
    if (hops_.at(i).state == HopState::broken) return static_cast<Hop>(i);
  }
  return std::nullopt;
}

Duration Course::limit(Hop hop) const {
  const Duration scraped = 2 * (pace_.scrape + pace_.evaluation) + kSlack;
  const Duration sent = 2 * pace_.evaluation + kSlack;
  Duration limit{};
  switch (hop) {
    case Hop::opened:
      return plan_.failure_threshold * plan_.interval + kSlack;
    case Hop::firing:
      limit = scraped + pace_.pending;
      break;
    case Hop::arrived:
      limit = sent + (plan_.asks_prometheus ? Duration::zero() : scraped + pace_.pending);
      break;
    case Hop::notified:
      limit = pace_.group_wait + pace_.group_interval + kSlack;
      break;
    case Hop::closed:
      return plan_.success_threshold * plan_.interval + kSlack;
    case Hop::resolved:
      limit = scraped + pace_.keep_firing;
      break;
    case Hop::cleared:
      limit = sent + (plan_.asks_prometheus ? Duration::zero() : scraped + pace_.keep_firing);
      break;
  }
  return std::min(limit, kLongest);
}

void Course::pass(Hop hop, std::string text, Moment now) {
  HopStatus& status = edit(hop);
  status.state = HopState::passed;
  status.at = now.wall;
  status.took = elapsed(since_, now);
  status.text = std::move(text);
  since_ = now;
}

void Course::break_off(Hop hop, Moment now) {
  HopStatus& status = edit(hop);
  status.state = HopState::broken;
  status.at = now.wall;
  status.took = elapsed(since_, now);
  const auto leave = [this](Hop each) {
    if (at(each).state == HopState::waiting) edit(each).state = HopState::not_reached;
  };
  if (std::ranges::find(kWayOut, hop) != kWayOut.end()) {
    for (const Hop each : kWayOut) leave(each);
    if (at(Hop::opened).state != HopState::passed) leave(Hop::closed);
    if (at(Hop::firing).state == HopState::broken || at(Hop::firing).state == HopState::not_reached)
      leave(Hop::resolved);
    if (at(Hop::arrived).state != HopState::passed) leave(Hop::cleared);
    end_failure(now);
  } else {
    for (const Hop each : {Hop::resolved, Hop::cleared}) leave(each);
  }
}

void Course::end_failure(Moment now) {
  failing_ = false;
  since_ = now;
}

void Course::opened(std::string text, Moment now) {
  if (current() == Hop::opened) pass(Hop::opened, std::move(text), now);
}

void Course::closed(std::string text, Moment now) {
  if (current() == Hop::closed) pass(Hop::closed, std::move(text), now);
}

void Course::delivered(const std::string& receiver, Moment now) {
  if (delivered_to_ || !failing_) return;
  delivered_to_ = receiver;
  delivered_at_ = now;
  if (at(Hop::notified).state == HopState::not_asked) edit(Hop::notified).state = HopState::waiting;
}

void Course::see(const AlertSeen& seen, Moment now) {
  if (seen.pace) pace_ = *seen.pace;
  while (advance(seen, now)) {
  }
  const auto is_on_way_out = [this] {
    const std::optional<Hop> hop = current();
    return hop && std::ranges::find(kWayOut, *hop) != kWayOut.end();
  };
  if (failing_ && !is_on_way_out() && elapsed(began_, now) >= plan_.duration) end_failure(now);
  const std::optional<Hop> hop = current();
  const bool waits_for_failure = hop == Hop::closed && failing_;
  if (hop && !waits_for_failure && elapsed(since_, now) >= limit(*hop)) {
    if (at(*hop).text.empty()) edit(*hop).text = "nothing was seen of it";
    edit(*hop).text += fmt::format("; waited for {}", for_people(elapsed(since_, now)));
    break_off(*hop, now);
  }
}

// Whether the current hop has passed.
bool Course::advance(const AlertSeen& seen, Moment now) {
  const std::optional<Hop> hop = current();
  if (!hop) return false;
  switch (*hop) {
    case Hop::opened:
    case Hop::closed:
      return false;  // told, not seen
    case Hop::firing:
      return look_for_alert(seen, now);
    case Hop::arrived:
      return look_for_arrival(seen, now);
    case Hop::notified:
      return look_for_notification(seen, now);
    case Hop::resolved:
      if (!seen.prometheus) return false;
      return look_for_end(*hop, seen.prometheus->alert == PrometheusSeen::Alert::firing,
                          seen.prometheus->trouble, now);
    case Hop::cleared:
      if (!seen.alertmanager) return false;
      return look_for_end(*hop, seen.alertmanager->alert != AlertmanagerSeen::Alert::none,
                          seen.alertmanager->trouble, now);
  }
  return false;
}

bool Course::look_for_alert(const AlertSeen& seen, Moment now) {
  if (!seen.prometheus) return false;
  const PrometheusSeen& prometheus = *seen.prometheus;
  HopStatus& status = edit(Hop::firing);
  if (!prometheus.trouble.empty()) {
    status.text = "Prometheus cannot be asked: " + prometheus.trouble;
  } else if (prometheus.alert == PrometheusSeen::Alert::none) {
    lingers_in_prometheus_ = false;
    status.text = prometheus.missing;
  } else if (lingers_in_prometheus_) {
    status.text = fmt::format("{} of an earlier drill has not ended yet", prometheus.alertname);
  } else if (prometheus.alert == PrometheusSeen::Alert::firing) {
    pass(Hop::firing, prometheus.alertname + " fires in Prometheus", now);
    return true;
  } else {
    status.text = without_alert(prometheus);
  }
  return false;
}

bool Course::look_for_arrival(const AlertSeen& seen, Moment now) {
  if (!seen.alertmanager) return false;
  const AlertmanagerSeen& alertmanager = *seen.alertmanager;
  HopStatus& status = edit(Hop::arrived);
  if (!alertmanager.trouble.empty()) {
    status.text = "Alertmanager cannot be asked: " + alertmanager.trouble;
    return false;
  }
  switch (alertmanager.alert) {
    case AlertmanagerSeen::Alert::none:
      lingers_in_alertmanager_ = false;
      notified_before_ = alertmanager.notifications;
      status.text = on_the_way(seen);
      return false;
    case AlertmanagerSeen::Alert::unprocessed:
      status.text = "Alertmanager has it, and has not looked at it yet";
      return false;
    case AlertmanagerSeen::Alert::suppressed:
      status.text = fmt::format("Alertmanager has it, but it is {}, so that {} is not told",
                                alertmanager.suppressed_by, list(alertmanager.receivers));
      return false;
    case AlertmanagerSeen::Alert::active:
      break;
  }
  if (lingers_in_alertmanager_) {
    status.text = "Alertmanager still has the alert of an earlier drill";
    return false;
  }
  pass(Hop::arrived, fmt::format("Active in Alertmanager, for {}", list(alertmanager.receivers)), now);
  return true;
}

// Requests of any alert's notifications are counted together; what comes back here is certain.
bool Course::look_for_notification(const AlertSeen& seen, Moment now) {
  if (delivered_to_) {
    pass(Hop::notified, fmt::format("Delivered to this Lookout by the receiver {}", *delivered_to_),
         std::max(delivered_at_, since_,
                  [](const Moment& one, const Moment& other) { return one.steady < other.steady; }));
    return true;
  }
  HopStatus& status = edit(Hop::notified);
  if (!seen.alertmanager) return false;
  if (!seen.alertmanager->trouble.empty()) {
    status.text = "Alertmanager cannot be asked: " + seen.alertmanager->trouble;
    return false;
  }
  if (!notified_before_) notified_before_ = seen.alertmanager->notifications;
  std::vector<std::string> well, failed;
  for (const auto& [integration, counts] : seen.alertmanager->notifications) {
    const Notifications before = (*notified_before_)[integration];
    const double sent = counts.sent - before.sent, lost = counts.failed - before.failed;
    if (sent > lost) well.push_back(integration);
    if (lost > 0) failed.push_back(fmt::format("{} failed {:.0f} times", integration, lost));
  }
  status.text = failed.empty() ? fmt::format("Alertmanager has sent nothing to {} yet",
                                             list(seen.alertmanager->receivers))
                               : fmt::format("Alertmanager's notification by {}", list(failed));
  if (well.empty()) return false;
  pass(Hop::notified,
       fmt::format("Alertmanager sent a notification by {}{}", list(well),
                   failed.empty() ? "" : fmt::format(" ({})", list(failed))),
       now);
  return true;
}

bool Course::look_for_end(Hop hop, bool is_there, const std::string& trouble, Moment now) {
  const std::string_view who = hop == Hop::resolved ? "Prometheus" : "Alertmanager";
  if (!trouble.empty()) {
    edit(hop).text = fmt::format("{} cannot be asked: {}", who, trouble);
    return false;
  }
  if (is_there) {
    edit(hop).text = fmt::format("{} still has it", who);
    return false;
  }
  pass(hop, fmt::format("Ended in {}", who), now);
  return true;
}

bool Course::whole() const { return over() && !broken() && at(Hop::notified).state == HopState::passed; }

std::string Course::summary() const {
  if (const std::optional<Hop> hop = broken())
    return fmt::format("{}: {}", kWhatBroke.at(static_cast<std::size_t>(*hop)), at(*hop).text);
  if (const std::optional<Hop> hop = current()) return fmt::format("waits for {}", name(*hop));
  std::vector<std::string> left_out;
  if (at(Hop::firing).state == HopState::not_asked) left_out.emplace_back("Prometheus");
  if (at(Hop::arrived).state == HopState::not_asked) left_out.emplace_back("Alertmanager");
  if (left_out.empty()) return "passed: the alert was followed all the way and back";
  return fmt::format("passed, as far as it was followed; not asked: {}", list(left_out));
}

}  // namespace lookout
