#include "exporter/actions/http_call.h"

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/net/http_transfers.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr std::size_t kShownBody = 2048;
constexpr int kSwitchingProtocols = 101;  // what follows is no HTTP

}  // namespace

Task<Attempt<HttpResponse>> call_http(ProbeRun& run, HttpClientNetwork network, HttpCall call, bool& sent) {
  HttpRoute route{call.url, call.tls_name, std::nullopt, std::nullopt};
  Attempt<std::optional<HttpUrl>> proxy =
      choose_proxy(run, network.proxy, call.url, std::nullopt, process_environment);
  if (!proxy) co_return proxy.error();
  route.proxy = std::move(*proxy);
  if (!route.proxy) {
    const Attempt<IpAddress> address = co_await resolve_aside(run, call.url.host, network.options, nullptr);
    if (!address) co_return address.error();
    route.address = *address;
  }
  Attempt<HttpConnection> connection = co_await connect_http(run, network, route);
  if (!connection) co_return connection.error();
  call.request.target = call.url.path;
  if (call.request.host.empty()) call.request.host = call.url.authority;
  address_to_proxy(call.request, route);
  co_return co_await ask(run, connection->stream, std::move(call.request), sent);
}

Task<Attempt<HttpResponse>> ask(ProbeRun& run, Stream& stream, HttpRequest request, bool& sent) {
  request.keep_body = true;
  if (request.body_limit == HttpRequest::kUnlimited) request.body_limit = kMaximumAnswer;
  const auto on_head = std::move(request.on_head);
  request.on_head = [&on_head](const HttpResponse& head) {
    return (!on_head || on_head(head)) && head.status != kSwitchingProtocols;
  };
  sent = true;
  HttpResponse response;
  const Outcome failure = co_await run.services.http().exchange(run, stream, request, response);
  if (response.status == 0 && failure) co_return *failure;
  co_return response;
}

ActionResult without_answer(const ActionRun& run, const Failure& failure) {
  return without_end(run, fmt::format("{}: {}", key(failure), failure.detail));
}

std::string told(const HttpResponse& response, std::span<const std::string> secrets) {
  // Masked before it is cut, because half a secret would not be found any more.
  std::string body = masked(response.body, secrets);
  if (body.size() > kShownBody) {
    body.resize(kShownBody);
    body += " ...";
  }
  return fmt::format("{} {}\n{}", response.version, response.status, body);
}

}  // namespace lookout
