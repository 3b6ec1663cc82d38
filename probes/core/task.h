// The coroutine type of the project and the one place that names Asio's pieces for it.
//
// A Task runs on one io_context only and never hops threads. Cancellation arrives through Asio's cancellation
// slots: an awaited operation then ends with operation_aborted, so hold resources in objects, never in
// statements after a co_await.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lookout {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;

template <class T = void>
using Task = asio::awaitable<T, Executor>;

// Throws boost::system::system_error when the operation fails.
inline constexpr asio::use_awaitable_t<Executor> use_task{};

// Yields a tuple (error_code, values...) instead: `auto [error, size] = co_await
// socket.async_read_some(buffer, use_tuple);`
inline constexpr auto use_tuple = asio::as_tuple(use_task);

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace lookout
