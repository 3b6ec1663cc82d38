#include "tests/net/actions/action_fixture.h"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include "probes/core/yaml.h"

namespace lookout::test {
namespace {

ActionConfig read(const std::string& yaml, Problems& problems) {
  ActionConfig action;
  if (const std::optional<YamlNode> root = parse_yaml(yaml, problems)) read_value(*root, action, problems);
  return action;
}

}  // namespace

std::vector<std::string> problems_of_action(const std::string& yaml) {
  Problems problems("lookout.yml");
  read(yaml, problems);
  std::vector<std::string> texts;
  for (const Problem& problem : problems.sorted()) texts.push_back(describe(problem));
  return texts;
}

std::shared_ptr<const ActionConfig> action_of(const std::string& yaml) {
  if (const auto problems = problems_of_action(yaml); !problems.empty())
    throw std::runtime_error(problems.front());
  Problems none("lookout.yml");
  return std::make_shared<const ActionConfig>(read(yaml, none));
}

ActionResult run_once(std::shared_ptr<const ActionConfig> action,
                      const std::function<void(ProbeServices&)>& prepare) {
  asio::io_context loop{1};
  ProbeServices services(loop);
  if (prepare) prepare(services);
  std::optional<ActionResult> result;
  asio::co_spawn(loop, run_action(std::move(action), kCause, services),
                 [&](const std::exception_ptr& exception, ActionResult ended) {
                   if (exception) std::rethrow_exception(exception);
                   result = std::move(ended);
                 });
  loop.run_for(std::chrono::seconds(60));
  if (!result) throw std::runtime_error("the action has no end");
  return *std::move(result);
}

ActionResult run_once(const std::string& yaml) { return run_once(action_of(yaml)); }

}  // namespace lookout::test
