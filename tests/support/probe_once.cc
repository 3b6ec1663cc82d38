#include "tests/support/probe_once.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/patience.h"

namespace lookout::test {

std::shared_ptr<const Module> module_of(const std::string& yaml) {
  Problems problems("test.yml");
  const std::optional<YamlNode> document = parse_yaml("test: " + yaml, problems);
  Modules modules = document ? read_modules(*document, problems) : Modules{};
  for (const Problem& problem : problems.sorted()) std::fprintf(stderr, "%s\n", describe(problem).c_str());
  if (!problems.empty() || modules.size() != 1) std::abort();
  return modules.begin()->second;
}

namespace {

// A kind's row lists every family that it may state.
void expect_facts_of_its_row(const Module& module, const ProbeResult& result) {
  const ProbeKind& kind = kind_of(module);
  for (const Fact& fact : result.facts) {
    if (std::ranges::find(kind.facts, fact.family) != kind.facts.end()) continue;
    std::fprintf(stderr, "%s is not among the facts in the row of %s\n",
                 std::string(fact.family->metric).c_str(), std::string(kind.name).c_str());
    std::abort();
  }
}

}  // namespace

ProbeResult probe_once(std::shared_ptr<const Module> module, Target target, Duration timeout,
                       const std::function<void(ProbeServices&)>& prepare) {
  asio::io_context loop(1);
  ProbeServices services(loop);
  if (prepare) prepare(services);
  ProbeResult result;
  asio::co_spawn(loop.get_executor(), run_probe(module, std::move(target), timeout * kPatience, services),
                 [&](std::exception_ptr exception, ProbeResult finished) {
                   if (exception) std::rethrow_exception(exception);
                   result = std::move(finished);
                   loop.stop();  // a lookup that goes on is not waited for
                 });
  loop.run();
  expect_facts_of_its_row(*module, result);
  return result;
}

ProbeResult probe_once(KindConfig config, Target target, Duration timeout,
                       const std::function<void(ProbeServices&)>& prepare) {
  return probe_once(std::make_shared<const Module>(Module{"test", {}, std::move(config)}), std::move(target),
                    timeout, prepare);
}

}  // namespace lookout::test
