#include "exporter/fetch.h"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/net/dial.h"
#include "probes/net/http_authorization.h"
#include "probes/net/http_transfers.h"
#include "probes/net/http_url.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr Duration kPatience = std::chrono::seconds(10);
constexpr std::uint64_t kMaximumAnswer = 256 * 1024 * 1024;

[[noreturn]] void give_up(const std::string& url, const Failure& failure) {
  throw std::runtime_error(
      fmt::format("{}: {}: {}", mask_url_password(url), sentence(failure.cause), failure.detail));
}

Task<Attempt<Stream>> connect(ProbeRun& run, const HttpUrl& url) {
  const NetworkOptions network;
  auto address = co_await resolve(run, url.host, network);
  if (!address) co_return address.error();
  auto stream = co_await dial(run, {*address, url.port}, network);
  if (!stream || !url.is_https()) co_return stream;
  TlsConfig defaults;
  auto context = run.services.tls().get(run, defaults, {"http/1.1"});
  if (!context) co_return context.error();
  if (Outcome failure = co_await stream->start_tls(run, *context, url.host)) co_return *failure;
  co_return stream;
}

Task<Outcome> exchange(ProbeRun& run, const HttpUrl& url, std::shared_ptr<const std::string> body,
                       HttpResponse& response) {
  auto stream = co_await connect(run, url);
  if (!stream) co_return stream.error();
  HttpRequest request;
  request.target = url.path;
  request.host = url.authority;
  if (auto authorization = userinfo_authorization(url))
    request.headers.push_back({"Authorization", *std::move(authorization)});
  if (body) {
    request.method = "POST";
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(body);
  }
  request.body_limit = kMaximumAnswer;
  request.keep_body = true;
  co_return co_await run.services.http().exchange(run, *stream, request, response);
}

Fetched ask(const std::string& text, std::shared_ptr<const std::string> body) {
  using namespace asio::experimental::awaitable_operators;
  auto url = parse_http_target(text);
  if (!url || url->host.empty() || url->port == 0)
    throw std::runtime_error(fmt::format("{} is no http:// URL", in_quotes(text)));
  asio::io_context loop{1};
  ProbeServices services(loop);
  SteadyTime start = std::chrono::steady_clock::now();
  ProbeRun run(services, start, start + kPatience);
  HttpResponse response;
  Outcome failure = run.fail(Cause::timeout, "no answer in time");
  Timer patience(loop, run.deadline);
  auto fetched = [](ProbeRun& r, const HttpUrl& u, std::shared_ptr<const std::string> sent,
                    HttpResponse& answer, Outcome& outcome) -> Task<> {
    outcome = co_await exchange(r, u, std::move(sent), answer);
  };
  asio::co_spawn(loop,
                 fetched(run, *url, std::move(body), response, failure) || patience.async_wait(use_task),
                 [&](std::exception_ptr error, const auto&) {
                   loop.stop();
                   if (error) std::rethrow_exception(error);
                 });
  loop.run();
  if (failure) give_up(text, *failure);
  return {static_cast<int>(response.status), std::move(response.body)};
}

}  // namespace

Fetched fetch(const std::string& url) { return ask(url, nullptr); }

Fetched post_json(const std::string& url, std::string body) {
  return ask(url, std::make_shared<const std::string>(std::move(body)));
}

}  // namespace lookout
