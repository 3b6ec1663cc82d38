#include "exporter/serve/debug_page.h"

#include <charconv>
#include <iterator>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "exporter/metrics/exposition.h"
#include "exporter/serve/query.h"

namespace lookout {
namespace {

// The module as the parameter changes it: Host header and TLS name for http, TLS name for tcp.
Module with_hostname(Module module, const std::string& hostname) {
  if (hostname.empty()) return module;
  if (auto* http = std::get_if<HttpConfig>(&module.config)) {
    std::erase_if(http->headers,
                  [](const auto& header) { return boost::algorithm::iequals(header.first, "Host"); });
    http->headers["Host"] = hostname;
    if (http->client.tls_config.server_name.empty()) http->client.tls_config.server_name = hostname;
  } else if (auto* tcp = std::get_if<TcpConfig>(&module.config)) {
    if (tcp->tls_config.server_name.empty()) tcp->tls_config.server_name = hostname;
  }
  return module;
}

void append_trace(const ProbeResult& result, std::string& out) {
  auto end = std::back_inserter(out);
  for (const TraceLine& line : result.trace)
    fmt::format_to(end, "{:10.6f}s  {}\n", seconds(line.at), line.text);
  fmt::format_to(end, "{:10.6f}s  {}", seconds(result.duration), name(result.verdict));
  if (result.failure) fmt::format_to(end, ": {}: {}", key(*result.failure), result.failure->detail);
}

// As Go's ParseInt reads it.
std::optional<std::int64_t> wanted_id(const Request& request) {
  const std::string text = query_value(request.query, "id").value_or("");
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  std::int64_t id = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return id;
}

}  // namespace

std::string debug_text(const ProbeRecord& record) {
  std::string out = "Logs for the probe:\n";
  append_trace(*record.result, out);
  out += "\n\n\n\nMetrics that would have been returned:\n";
  out += render_probe(*record.result, ExpositionFormat::text);
  out += "\n\n\nModule configuration:\n";
  ConfigPrinter printer(out);
  print_module(with_hostname(*record.module, record.target.hostname), printer);
  return out;
}

Response logs_page(const History& history, const Request& request) {
  std::optional<std::int64_t> id = wanted_id(request);
  const std::string target = query_value(request.query, "target").value_or("");
  const std::string module = query_value(request.query, "module").value_or("");
  if (id && !target.empty())
    return error_response(400, "Probe id and target can't be defined at the same time");
  if (id == -1) id.reset();  // blackbox_exporter's way to say that there is none
  if (!module.empty() && target.empty() && id) {
    return error_response(400, "Probe module filter only works in conjunction with target parameter");
  }
  if (!id && target.empty())
    return error_response(400, "Probe id or target must be defined as http query parameters");
  const ProbeRecordPtr record =
      id ? history.find(*id)
         : history.find(target, module.empty() ? std::nullopt : std::optional<std::string_view>(module));
  if (!record) return error_response(404, id ? "Probe id not found" : "Probe target not found");
  Response response = text_response(200, debug_text(*record));
  response.content_type = "text/plain";
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.compressible = true;
  return response;
}

}  // namespace lookout
