#include "probes/dialogue/step.h"

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {

ExpectInfo::~ExpectInfo() {
  if (labels_) facts_.set(kExpectInfo, 1, *labels_);
}

void ExpectInfo::set(const QueryResponse& step, const std::vector<std::string>& groups) {
  if (!step.expect || step.labels.empty()) return;
  std::vector<std::pair<std::string, std::string>> named;
  for (const ExpectLabel& label : step.labels)
    named.emplace_back(label.name, step.expect->expand(label.value, groups));
  labels_ = expect_labels(named);
}

Attempt<std::vector<std::string>> judge_message(ProbeRun& run, const QueryResponse& step,
                                                std::string_view message) {
  if (step.expect) {
    if (std::optional<std::vector<std::string>> groups = step.expect->groups(message)) {
      note_match(run, message);
      return std::move(*groups);
    }
    run.enter(Stage::match);
    return run.fail(Cause::mismatch, fmt::format("expected {}, got {}", in_quotes(step.expect->pattern()),
                                                 in_quotes(one_line(message, kShownOfMessage))));
  }
  if (message.starts_with(step.expect_bytes)) return std::vector<std::string>();
  run.enter(Stage::match);
  return run.fail(Cause::mismatch, fmt::format("expected the bytes {}, got {}", in_quotes(step.expect_bytes),
                                               in_quotes(message.substr(0, step.expect_bytes.size()))));
}

void note_match(ProbeRun& run, std::string_view text) {
  run.note(fmt::format("matched: {}", one_line(text, kShownOfMessage)));
}

}  // namespace lookout
