#include "exporter/config/target_checks.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr Duration kShortestInterval = std::chrono::milliseconds(10);
// Labels that Lookout sets itself on a target's metrics.
constexpr std::array<std::string_view, 10> kReservedLabels{
    "target", "module", "address", "severity", "checkpoint", "state", "verdict", "stage", "cause", "drill"};

bool is_printable(std::string_view text) {
  return is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Complaint complain_about_text(const std::string& text, std::string_view example) {
  const std::string shown = in_quotes(mask_url_password(text));
  if (text.find_first_not_of(' ') == std::string::npos)
    return fmt::format("{} is empty; write e.g. {}", shown, example);
  if (text.front() == ' ' || text.back() == ' ')
    return fmt::format("{} begins or ends with a blank; remove it", shown);
  if (!is_printable(text))
    return fmt::format("{} has characters that cannot be shown; write e.g. {}", shown, example);
  return std::nullopt;
}

}  // namespace

Complaint complain_about_name(const std::string& name) {
  const std::string shown = mask_url_password(name);
  if (shown != name)
    return fmt::format("{} holds a password, and names are shown to all; write one without",
                       in_quotes(shown));
  return complain_about_text(name, "shop");
}

Complaint complain_about_address(const std::string& address) {
  return complain_about_text(address, "https://example.org/health or example.org:443");
}

Complaint complain_about_interval(Duration interval) {
  if (interval >= kShortestInterval) return std::nullopt;
  return fmt::format("{} is too short; write {} or more, e.g. 15s", print_duration(interval),
                     print_duration(kShortestInterval));
}

Complaint complain_about_timeout(Duration timeout, TargetMode mode, Duration interval) {
  if (timeout <= Duration::zero())
    return fmt::format("{} is no time at all; write e.g. 5s", print_duration(timeout));
  if (mode == TargetMode::scrape || timeout <= interval || interval < kShortestInterval) return std::nullopt;
  return fmt::format("{} is longer than the interval of {}; write at most that, or a longer interval",
                     print_duration(timeout), print_duration(interval));
}

Complaint complain_about_threshold(int threshold) {
  if (threshold >= 1) return std::nullopt;
  return fmt::format("{} is too low; write 1 to react to the first probe, or more", threshold);
}

Complaint complain_about_retries(int retries) {
  if (retries >= 0 && retries <= kMaximumRetries) return std::nullopt;
  return fmt::format("{} is out of range; write 0 to {}", retries, kMaximumRetries);
}

Complaint complain_about_quorum(int quorum, std::size_t checkpoints) {
  const int most = std::max(1, static_cast<int>(checkpoints));
  if (quorum >= 1 && quorum <= most) return std::nullopt;
  if (most == 1)
    return fmt::format("{} is out of range; with one checkpoint write 1, or add checkpoints", quorum);
  return fmt::format("{} is out of range; with {} checkpoints write 1 to {}", quorum, most, most);
}

Complaint complain_about_label(const std::string& name, const std::string& value) {
  if (!is_label_name(name)) {
    return fmt::format("{} is no label name; write letters, digits and underscores, and no digit first",
                       in_quotes(name));
  }
  if (name.starts_with("__")) {
    return fmt::format(
        "label name {} begins with two underscores, which Prometheus keeps for itself; write another",
        in_quotes(name));
  }
  if (std::ranges::find(kReservedLabels, name) != kReservedLabels.end()) {
    return fmt::format("label {} is one that Lookout sets itself; write another name", in_quotes(name));
  }
  if (!is_utf8(value))
    return fmt::format("the value of label {} is no UTF-8; write plain text", in_quotes(name));
  return std::nullopt;
}

Complaint complain_about_runbook(const std::string& url) {
  const bool is_web = url.starts_with("http://") || url.starts_with("https://");
  if (url.empty() || (is_web && is_printable(url) && url.find(' ') == std::string::npos)) return std::nullopt;
  return fmt::format("{} is no web address; write one that begins with https:// or http://", in_quotes(url));
}

}  // namespace lookout
