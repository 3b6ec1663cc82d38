// Runs one action to its end, on a loop of its own.
#pragma once

#include <functional>
#include <string>

#include "exporter/actions/action.h"
#include "probes/net/services.h"

namespace lookout::test {

// As it stands under `actions:`, in one line: "{exec: {argv: [true]}}". A problem ends the test with its
// text.
std::shared_ptr<const ActionConfig> action_of(const std::string& yaml);
// What is wrong with it, one line each.
std::vector<std::string> problems_of_action(const std::string& yaml);

inline const ActionCause kCause{
    "shop",   "http://127.0.0.1:3999/", "20261125-030421-5f3a90c1", "20261125-030421-5f3a90c1.1", "connect",
    "refused"};

ActionResult run_once(std::shared_ptr<const ActionConfig> action,
                      const std::function<void(ProbeServices&)>& prepare = {});
ActionResult run_once(const std::string& yaml);

}  // namespace lookout::test
