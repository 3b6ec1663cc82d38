#include "probes/dns/dns_https.h"

#include <fmt/format.h>

#include "probes/core/text.h"
#include "probes/core/version.h"
#include "probes/net/http_transfers.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr std::string_view kMessageType = "application/dns-message";
constexpr std::uint64_t kMaximumMessage = 65535;

bool is_dns_message(const HttpResponse& response) {
  const std::string* type = response.find("Content-Type");
  if (type == nullptr) return false;
  const std::string_view essence = std::string_view(*type).substr(0, type->find(';'));
  return lower_case(trimmed(essence)) == kMessageType;
}

}  // namespace

Task<Attempt<std::string>> post_dns_query(ProbeRun& run, Stream& stream, DnsPost post) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(post.path);
  request.host = std::move(post.authority);
  request.headers = {{"Content-Type", std::string(kMessageType)},
                     {"Accept", std::string(kMessageType)},
                     {"User-Agent", std::string(kUserAgent)}};
  request.body = std::make_shared<const std::string>(std::move(post.query));
  request.body_limit = kMaximumMessage;
  request.keep_body = true;
  request.on_head = [](const HttpResponse& head) { return head.status == 200 && is_dns_message(head); };
  HttpResponse response;
  Outcome failure = co_await run.services.http().exchange(run, stream, request, response);
  if (failure) co_return std::move(*failure);
  run.enter(Stage::response);
  if (response.status != 200) {
    co_return run.fail(Cause::status, fmt::format("the server answers with HTTP status {}", response.status));
  }
  if (!is_dns_message(response))
    co_return run.fail(Cause::protocol, fmt::format("the response is no {}", kMessageType));
  co_return std::move(response.body);
}

}  // namespace lookout
