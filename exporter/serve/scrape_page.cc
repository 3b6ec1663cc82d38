#include "exporter/serve/scrape_page.h"

#include "exporter/metrics/exposition.h"
#include "exporter/serve/probe_page.h"

namespace lookout {
namespace {

// A scrape must not fail for its header: what cannot be read counts as absent.
std::optional<double> allowed_seconds(const Request& request) {
  if (!request.scrape_timeout) return std::nullopt;
  const auto parsed = parse_go_float(*request.scrape_timeout);
  const double* value = std::get_if<double>(&parsed);
  return value != nullptr && *value > 0 ? std::optional(*value) : std::nullopt;
}

}  // namespace

Task<Response> scrape_page(Backend& backend, const Request& request, double timeout_offset_seconds) {
  const std::shared_ptr<const void> under_way = backend.metrics().scrape_started();
  if (request.method != "HEAD") {
    const Duration timeout =
        effective_timeout(Duration::zero(), allowed_seconds(request), timeout_offset_seconds);
    co_await backend.probe_scrape_targets(timeout);
  }
  backend.metrics().scrape_answered(200);
  const ExpositionFormat format = negotiate_format(request.accept);
  const auto scrape =
      std::make_shared<Scrape>(backend.book(), backend.metrics(), format, std::chrono::system_clock::now());
  Response response;
  response.content_type = content_type(format, request.accept);
  response.compressible = true;
  response.stream = [scrape, under_way](std::string& out) { return scrape->next(out); };
  co_return response;
}

}  // namespace lookout
