// What a look at Prometheus and Alertmanager found of a drill's alert. Values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probes/core/clock.h"

namespace lookout {

struct PrometheusSeen {
  enum class Alert : std::uint8_t { none, pending, firing };
  std::string trouble;  // why there was no answer; empty: there was
  Alert alert = Alert::none;
  std::string alertname;
  std::string job;      // that scrapes this Lookout, as far as its series say
  std::string missing;  // of an alert that is not there: what is, in words
  // URLs that it sends alerts to; none: it did not say.
  std::optional<std::vector<std::string>> alertmanagers;
};

// What an integration (webhook, email, ...) of Alertmanager has sent, whatever it was about.
struct Notifications {
  double sent = 0, failed = 0;
};

struct AlertmanagerSeen {
  enum class Alert : std::uint8_t { none, unprocessed, suppressed, active };
  std::string trouble;
  Alert alert = Alert::none;
  std::string suppressed_by;                           // in words
  std::vector<std::string> receivers;                  // that the alert is meant for
  std::map<std::string, Notifications> notifications;  // by integration
};

// How long each hop takes by the configuration of those who take it.
struct Pace {
  Duration scrape = std::chrono::seconds(15), evaluation = std::chrono::seconds(15);
  Duration pending{}, keep_firing{};  // of the rule
  Duration group_wait = std::chrono::seconds(30), group_interval = std::chrono::minutes(5);
};

struct AlertSeen {
  std::optional<PrometheusSeen> prometheus;  // none: not asked
  std::optional<AlertmanagerSeen> alertmanager;
  std::optional<Pace> pace;  // none: not asked, or as before
};

}  // namespace lookout
