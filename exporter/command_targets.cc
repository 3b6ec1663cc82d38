// `lookout targets`: the table of a running instance, from its JSON interface.
#include <algorithm>
#include <iostream>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "exporter/commands.h"
#include "probes/core/text.h"
#include "probes/net/dial.h"
#include "probes/net/http_transfers.h"
#include "probes/net/http_url.h"
#include "probes/net/services.h"

namespace lookout {
namespace {

constexpr Duration kPatience = std::chrono::seconds(10);
constexpr std::uint64_t kMaximumAnswer = 256 * 1024 * 1024;

[[noreturn]] void give_up(const std::string& url, const Failure& failure) {
  throw std::runtime_error(fmt::format("{}: {}: {}", url, sentence(failure.cause), failure.detail));
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

Task<Outcome> fetch(ProbeRun& run, const HttpUrl& url, HttpResponse& response) {
  auto stream = co_await connect(run, url);
  if (!stream) co_return stream.error();
  HttpRequest request;
  request.target = url.path;
  request.host = url.authority;
  request.body_limit = kMaximumAnswer;
  request.keep_body = true;
  co_return co_await run.services.http().exchange(run, *stream, request, response);
}

// The whole of it, or a runtime_error that says why not.
std::string get(const std::string& text) {
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
  auto fetched = [](ProbeRun& r, const HttpUrl& u, HttpResponse& answer, Outcome& outcome) -> Task<> {
    outcome = co_await fetch(r, u, answer);
  };
  asio::co_spawn(loop, fetched(run, *url, response, failure) || patience.async_wait(use_task),
                 [&](std::exception_ptr error, const auto&) {
                   loop.stop();
                   if (error) std::rethrow_exception(error);
                 });
  loop.run();
  if (failure) give_up(text, *failure);
  if (response.status != 200)
    throw std::runtime_error(fmt::format("{}: HTTP status {}", text, response.status));
  return std::move(response.body);
}

std::string word(const boost::json::value& value) {
  return value.is_string() ? one_line(std::string_view(value.get_string()), 60) : "-";
}

using Row = std::array<std::string, 6>;

Row row(const boost::json::object& target) {
  Row cells{word(target.at("name")),   word(target.at("state")), word(target.at("severity")), "-", "",
            word(target.at("address"))};
  if (const auto* last = target.at("last_probe").if_object()) {
    cells[3] = fmt::format("{:.1f} ms", last->at("duration_seconds").to_number<double>() * 1000);
    if (last->at("stage").is_string()) cells[4] = word(last->at("stage")) + "/" + word(last->at("cause"));
  }
  if (const auto* incident = target.at("incident").if_object())
    cells[4] += " since " + word(incident->at("onset"));
  return cells;
}

void print(const std::vector<Row>& rows) {
  std::array<std::size_t, 6> widths{};
  for (const Row& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  for (const Row& cells : rows) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) line += fmt::format("{:<{}}  ", cells[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    std::cout << line << '\n';
  }
}

}  // namespace

int run_targets(const Flags& flags) {
  std::string url = flags.url;
  while (url.ends_with('/')) url.pop_back();
  std::string body = get(url + "/api/v1/targets");
  if (flags.json) {
    std::cout << body << '\n';
    return 0;
  }
  boost::system::error_code bad;
  boost::json::value document = boost::json::parse(body, bad);
  if (bad || !document.is_object() || !document.get_object().contains("targets")) {
    throw std::runtime_error(fmt::format("{} does not answer as Lookout does", url));
  }
  std::vector<Row> rows{{"NAME", "STATE", "SEVERITY", "LATENCY", "FAILURE", "ADDRESS"}};
  for (const auto& target : document.at("targets").as_array()) rows.push_back(row(target.as_object()));
  print(rows);
  return 0;
}

}  // namespace lookout
