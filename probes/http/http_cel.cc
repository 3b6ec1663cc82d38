#include "probes/http/http_cel.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kSlice = 64 * 1024;

Failure failed(const cel::Error& error, const std::string& detail) {
  return {Stage::match, error.limit ? Cause::limit : Cause::mismatch, detail};
}

Outcome check(const std::optional<Cel>& cel, const cel::Value& body, bool wanted) {
  if (!cel) return std::nullopt;
  const std::string shown = in_quotes(cel->expression());
  const cel::Result<bool> holds = cel->holds(body);
  if (!holds)
    return failed(holds.error(), fmt::format("CEL {} has no answer: {}", shown, holds.error().message));
  if (*holds == wanted) return std::nullopt;
  return Failure{Stage::match, Cause::mismatch, fmt::format("CEL {} is {}", shown, *holds)};
}

}  // namespace

bool checks_json(const HttpConfig& config) {
  return config.fail_if_body_json_matches_cel || config.fail_if_body_json_not_matches_cel;
}

Task<cel::Result<cel::Value>> read_json(std::string_view body) {
  const Executor loop = co_await asio::this_coro::executor;
  JsonBody json;
  while (json.feed(body.substr(0, kSlice)) && body.size() > kSlice) {
    body.remove_prefix(kSlice);
    co_await asio::post(loop, use_task);
  }
  co_return json.finish();
}

Outcome check_json(const HttpConfig& config, const cel::Result<cel::Value>& body) {
  if (!body) return failed(body.error(), body.error().message);
  if (Outcome failure = check(config.fail_if_body_json_matches_cel, *body, false)) return failure;
  return check(config.fail_if_body_json_not_matches_cel, *body, true);
}

}  // namespace lookout
