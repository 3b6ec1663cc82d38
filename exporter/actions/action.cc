#include "exporter/actions/action.h"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "exporter/actions/docker.h"
#include "exporter/actions/exec.h"
#include "exporter/actions/http.h"
#include "exporter/actions/kubernetes.h"
#include "exporter/actions/systemd.h"
#include "probes/core/race.h"
#include "probes/core/text.h"

namespace lookout {
namespace {

// What is shorter than this is found everywhere, and was no secret.
constexpr std::size_t kShortestSecret = 4;
constexpr std::string_view kMasked = "<secret>";
constexpr std::array<std::string_view, 3> kEndNames{"done", "failed", "ambiguous"};

Task<ActionResult> run_kind(const ActionConfig& action, const ActionCause& cause, ActionRun& run) {
  if (action.http) return run_http(*action.http, cause, run);
  if (action.systemd) return run_systemd(*action.systemd, run);
  if (action.docker) return run_docker(*action.docker, run);
  if (action.kubernetes) return run_kubernetes(*action.kubernetes, run);
  return run_exec(*action.exec, cause, run);
}

}  // namespace

std::string_view name(ActionEnd end) { return kEndNames.at(static_cast<std::size_t>(end)); }

Task<ActionResult> run_action(std::shared_ptr<const ActionConfig> action, ActionCause cause,
                              ProbeServices& services) {
  const SteadyTime start = std::chrono::steady_clock::now();
  ProbeRun net(services, start, start + action->timeout());
  ActionRun run{net};
  Raced<ActionResult> raced = co_await race(run_kind(*action, cause, run), net.deadline);
  ActionResult& result = raced.result;
  if (raced.first == First::deadline) {
    result = without_end(run, fmt::format("no end within {:.3g} s", seconds(action->timeout())));
  } else if (raced.first == First::cut) {
    result = without_end(run, "Lookout stopped");
  } else if (raced.exception) {
    result = without_end(run, reason(raced.exception));
  }
  result.summary = one_line(masked(result.summary, run.secrets), Failure::kMaximumDetail);
  result.output = shown_output(result.output, run.secrets);
  co_return std::move(result);
}

ActionResult without_end(const ActionRun& run, const std::string& why) {
  if (run.begun) return {ActionEnd::ambiguous, why, run.output};
  return {ActionEnd::failed, "not begun: " + why, run.output};
}

// The longest first: what is part of another secret must not leave the rest of that one to be read.
std::string masked(std::string_view text, std::span<const std::string> secrets) {
  std::vector<std::string_view> known;
  for (const std::string& secret : secrets) {
    if (secret.size() >= kShortestSecret) known.push_back(secret);
  }
  std::ranges::sort(known, std::ranges::greater(), &std::string_view::size);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const auto found = std::ranges::find_if(known, [rest](auto secret) { return rest.starts_with(secret); });
    if (found == known.end()) {
      result += text[at++];
    } else {
      result += kMasked;
      at += found->size();
    }
  }
  return result;
}

std::string shown_output(std::string_view output, std::span<const std::string> secrets) {
  std::string shown = masked(output, secrets);
  const bool cut = shown.size() > ActionResult::kMaximumOutput;
  if (cut) shown.erase(0, shown.size() - ActionResult::kMaximumOutput);
  std::string kept = cut ? "... " : "";
  for (const char c : to_utf8(shown)) {
    const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
    if (c != '\r') kept += control ? ' ' : c;
  }
  return kept;
}

}  // namespace lookout
