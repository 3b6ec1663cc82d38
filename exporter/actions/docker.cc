#include "exporter/actions/docker.h"

#include <fmt/format.h>

#include "exporter/actions/http_call.h"
#include "exporter/actions/json_at.h"
#include "probes/core/text.h"
#include "probes/core/version.h"
#include "probes/net/dial.h"

namespace lookout {
namespace {

constexpr int kDone = 204;
constexpr int kRunsAlready = 304;

std::string target_of(const DockerAction& action) {
  if (action.restart.empty()) return fmt::format("/containers/{}/start", percent_encoded(action.start));
  return fmt::format("/containers/{}/restart?t={}", percent_encoded(action.restart),
                     std::chrono::duration_cast<std::chrono::seconds>(action.stop_timeout).count());
}

// {"message": "No such container: shop"}
std::string message_of(const HttpResponse& response) {
  const boost::json::value answer = parsed_json(response.body);
  const std::string_view message = text_at(answer, "/message");
  return message.empty() ? std::string() : fmt::format(": {}", message);
}

}  // namespace

Task<ActionResult> run_docker(const DockerAction& action, ActionRun& run) {
  Attempt<Stream> stream = co_await dial_local(run.net, action.socket);
  if (!stream) co_return without_answer(run, stream.error());
  HttpRequest request;
  request.method = "POST";
  request.target = target_of(action);
  request.host = "docker";
  request.headers = {{"User-Agent", std::string(kUserAgent)}};
  const Attempt<HttpResponse> response = co_await ask(run.net, *stream, std::move(request), run.begun);
  if (!response) co_return without_answer(run, response.error());
  const std::string output = told(*response, run.secrets);
  if (response->status == kRunsAlready)
    co_return ActionResult{ActionEnd::failed, "HTTP 304: the container runs already", output};
  co_return ActionResult{response->status == kDone ? ActionEnd::done : ActionEnd::failed,
                         fmt::format("HTTP {}{}", response->status, message_of(*response)), output};
}

}  // namespace lookout
