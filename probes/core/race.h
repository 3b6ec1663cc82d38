// Work against a deadline: whoever ends first cancels the other. The one place that puts these two together.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include "probes/core/clock.h"
#include "probes/core/task.h"

namespace lookout {

enum class First {
  work,      // it ended, with a value or an exception
  deadline,  // it was cancelled
  cut        // the whole race was cancelled from outside
};

template <class Result>
struct Raced {
  First first = First::work;
  std::exception_ptr exception = nullptr;
  Result result = {};  // of work that ended without an exception
};

// Returns when the work has unwound, also where it was cancelled.
template <class Result>
Task<Raced<Result>> race(Task<Result> work, SteadyTime deadline) {
  auto executor = co_await asio::this_coro::executor;
  Timer timer(executor, deadline);
  auto [order, exception, result, cut] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, std::move(work), asio::deferred), timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), use_task);
  const First first = order[0] == 0 ? First::work : cut ? First::cut : First::deadline;
  co_return Raced<Result>{first, std::move(exception), std::move(result)};
}

// Of work without a value.
inline Task<Raced<std::monostate>> race(Task<> work, SteadyTime deadline) {
  const auto with_value = [](Task<> waited) -> Task<std::monostate> {
    co_await std::move(waited);
    co_return std::monostate();
  };
  return race(with_value(std::move(work)), deadline);
}

// What an exception says of itself.
std::string reason(const std::exception_ptr& exception);

}  // namespace lookout
