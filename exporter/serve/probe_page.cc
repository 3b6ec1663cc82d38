#include "exporter/serve/probe_page.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "exporter/metrics/exposition.h"
#include "exporter/serve/debug_page.h"
#include "exporter/serve/query.h"
#include "probes/parameters.h"

namespace lookout {
namespace {

constexpr double kScrapeTimeoutUnlessSaid = 120;
constexpr double kLongestTimeout = 24 * 3600;

Duration to_duration(double value) {
  if (!(value > 0)) return Duration::zero();  // NaN too
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(value, kLongestTimeout)));
}

struct Asked {
  std::shared_ptr<const Module> module;
  Target target;
  Duration timeout;
};

std::variant<std::optional<double>, Response> scrape_timeout(const Request& request) {
  if (!request.scrape_timeout || request.scrape_timeout->empty()) return std::nullopt;
  const auto parsed = parse_go_float(*request.scrape_timeout);
  if (const double* value = std::get_if<double>(&parsed)) return std::optional(*value);
  return error_response(
      500, fmt::format("Failed to parse timeout from Prometheus header: strconv.ParseFloat: parsing {}: {}",
                       go_quoted(*request.scrape_timeout), std::get<std::string_view>(parsed)));
}

// nullopt: fine. The probe itself puts `hostname` into Host header and TLS name.
std::optional<Response> refused_hostname(const Module& module, const std::string& hostname) {
  if (std::any_of(hostname.begin(), hostname.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    return error_response(400, "the URL-parameter 'hostname' holds a control character");
  }
  const auto* http = std::get_if<HttpConfig>(&module.config);
  if (http == nullptr || hostname.empty()) return std::nullopt;
  for (const auto& [name, value] : http->headers) {
    if (!boost::algorithm::iequals(name, "Host") || value == hostname) continue;
    return error_response(400, fmt::format("host header defined both in module configuration ({}) and with "
                                           "URL-parameter 'hostname' ({})",
                                           value, hostname));
  }
  return std::nullopt;
}

// The module, or a copy with the fields that the request sets.
std::variant<std::shared_ptr<const Module>, Response> with_parameters(std::shared_ptr<const Module> module,
                                                                      std::string_view query) {
  for (const std::string_view name : parameter_names()) {
    const std::optional<std::string> value = query_value(query, name);
    if (!value) continue;
    if (std::ranges::find(module->allow_parameters, name) == module->allow_parameters.end()) {
      return error_response(400, fmt::format("module {} does not allow the URL parameter {}; list it under "
                                             "allow_parameters",
                                             go_quoted(module->name), name));
    }
    auto changed = with_parameter(*module, name, *value);
    if (const auto* refused = std::get_if<std::string>(&changed)) return error_response(400, *refused);
    module = std::get<std::shared_ptr<const Module>>(std::move(changed));
  }
  return module;
}

// The order of the checks is blackbox_exporter's.
std::variant<Asked, Response> read_parameters(Backend& backend, const Request& request, double offset) {
  std::string module_name = query_value(request.query, "module").value_or("");
  if (module_name.empty()) module_name = "http_2xx";
  const auto config = backend.config();
  const auto module = config->modules.find(module_name);
  if (module == config->modules.end()) {
    backend.metrics().unknown_module();
    return error_response(400, fmt::format("Unknown module {}", go_quoted(module_name)));
  }
  auto header = scrape_timeout(request);
  if (auto* refused = std::get_if<Response>(&header)) return std::move(*refused);
  std::string target = query_value(request.query, "target").value_or("");
  if (target.empty()) return error_response(400, "Target parameter is missing");
  std::string hostname = query_value(request.query, "hostname").value_or("");
  if (auto refused = refused_hostname(*module->second, hostname)) return *std::move(refused);
  auto changed = with_parameters(module->second, request.query);
  if (auto* refused = std::get_if<Response>(&changed)) return std::move(*refused);
  return Asked{std::get<std::shared_ptr<const Module>>(std::move(changed)),
               Target{usable_target(std::move(target)), std::move(hostname), config->probe_targets},
               effective_timeout(module->second->timeout, std::get<std::optional<double>>(header), offset)};
}

}  // namespace

Duration effective_timeout(Duration module_timeout, std::optional<double> header_seconds,
                           double offset_seconds) {
  double scrape = header_seconds.value_or(0);
  if (scrape == 0) scrape = kScrapeTimeoutUnlessSaid;
  const double allowed = scrape - offset_seconds;
  const double own = seconds(module_timeout);
  if (allowed < 0 || (own > 0 && own < allowed)) return module_timeout;
  return to_duration(allowed);
}

std::variant<double, std::string_view> parse_go_float(std::string_view text) {
  constexpr std::string_view kSyntax = "invalid syntax";
  std::string_view digits = text;
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return kSyntax;
  }
  if (digits.find('(') != std::string_view::npos) return kSyntax;  // nan(...) is C's
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (read.ec == std::errc::invalid_argument || read.ptr != digits.data() + digits.size()) return kSyntax;
  if (read.ec == std::errc::result_out_of_range) {
    const bool underflow =
        text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    if (underflow) return 0.0;
    return std::string_view("value out of range");
  }
  return value;
}

Task<Response> probe_page(Backend& backend, const Request& request, double timeout_offset_seconds) {
  auto parameters = read_parameters(backend, request, timeout_offset_seconds);
  if (auto* refused = std::get_if<Response>(&parameters)) co_return std::move(*refused);
  Asked& asked = std::get<Asked>(parameters);
  const auto result =
      std::make_shared<const ProbeResult>(co_await backend.probe(asked.module, asked.target, asked.timeout));
  const ProbeRecordPtr record =
      backend.history().add(std::move(asked.module), std::move(asked.target), result);
  backend.probe_ended(*record);
  Response response;
  response.compressible = true;
  if (query_value(request.query, "debug") == "true") {
    response.content_type = "text/plain; charset=utf-8";
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.body = debug_text(*record);
    co_return response;
  }
  const ExpositionFormat format = negotiate_format(request.accept);
  response.content_type = content_type(format, request.accept);
  response.body = render_probe(*result, format);
  co_return response;
}

}  // namespace lookout
