// The past of all targets, as pages ask for it.
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "exporter/serve/past_cache.h"

namespace lookout {
namespace {

// A look over very many targets may take longer than a page waits: the next page has it.
TEST(PastCache, KeepsAnAnswerThatComesAfterTheAskersPatience) {
  asio::io_context loop;
  asio::executor_work_guard<Executor> keep_running{loop.get_executor()};
  Journal journal(loop, "", {});
  PastCache cache;
  std::promise<void> gate;
  const std::function<bool(Store&)> wait = [opened = gate.get_future().share()](Store& store) {
    opened.wait();
    Batch batch;
    batch.targets["web"];
    store.write(batch);
    return true;
  };
  asio::co_spawn(loop, journal.ask(wait), asio::detached);
  const auto get = [&] {
    std::optional<std::shared_ptr<const Past>> got;
    asio::co_spawn(loop, cache.get(journal),
                   [&](std::exception_ptr, std::shared_ptr<const Past> past) { got = std::move(past); });
    while (!got) loop.run_one();
    return *got;
  };
  EXPECT_EQ(get(), nullptr) << "a page is better without than late";
  gate.set_value();
  std::shared_ptr<const Past> past;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!past && std::chrono::steady_clock::now() < limit) {
    past = get();
    loop.run_one_for(std::chrono::milliseconds(10));
  }
  ASSERT_NE(past, nullptr);
  EXPECT_TRUE(past->targets.contains("web"));
}

}  // namespace
}  // namespace lookout
