#include "tests/support/probe_once.h"

#include <cstdio>
#include <cstdlib>

#include <boost/asio/co_spawn.hpp>

namespace lookout::test {

std::shared_ptr<const Module> module_of(const std::string& yaml) {
  Problems problems("test.yml");
  const std::optional<YamlNode> document = parse_yaml("test: " + yaml, problems);
  Modules modules = document ? read_modules(*document, problems) : Modules{};
  for (const Problem& problem : problems.sorted()) std::fprintf(stderr, "%s\n", describe(problem).c_str());
  if (!problems.empty() || modules.size() != 1) std::abort();
  return modules.begin()->second;
}

ProbeResult probe_once(std::shared_ptr<const Module> module, Target target, Duration timeout,
                       const std::function<void(ProbeServices&)>& prepare) {
  asio::io_context loop(1);
  ProbeServices services(loop);
  if (prepare) prepare(services);
  ProbeResult result;
  asio::co_spawn(loop.get_executor(), run_probe(std::move(module), std::move(target), timeout, services),
                 [&](std::exception_ptr exception, ProbeResult finished) {
                   if (exception) std::rethrow_exception(exception);
                   result = std::move(finished);
                   loop.stop();  // a lookup that goes on is not waited for
                 });
  loop.run();
  return result;
}

ProbeResult probe_once(KindConfig config, Target target, Duration timeout,
                       const std::function<void(ProbeServices&)>& prepare) {
  return probe_once(std::make_shared<const Module>(Module{"test", {}, std::move(config)}), std::move(target),
                    timeout, prepare);
}

}  // namespace lookout::test
