#include "tests/net/actions/api_stand_in.h"

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout::test {
namespace {

ApiRequest parsed(const std::string& text) {
  ApiRequest request;
  const std::size_t end_of_head = text.find("\r\n\r\n");
  request.body = text.substr(end_of_head + 4);
  std::size_t at = text.find("\r\n");
  request.line = text.substr(0, text.rfind(' ', at));
  while (at < end_of_head) {
    const std::size_t next = text.find("\r\n", at + 2);
    const std::string line = text.substr(at + 2, next - at - 2);
    const std::size_t colon = line.find(':');
    request.headers[lower_case(line.substr(0, colon))] = trimmed(std::string_view(line).substr(colon + 1));
    at = next;
  }
  return request;
}

}  // namespace

std::string api_answer(int status, std::string_view body, std::string_view content_type) {
  return fmt::format("HTTP/1.1 {} Some Reason\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status,
                     content_type, body.size(), body);
}

ApiStandIn::ApiStandIn(std::vector<std::string> answers, ScriptedServer::Options options)
    : answers_(std::move(answers)), server_([this](Peer& peer) { serve(peer); }, std::move(options)) {}

std::vector<ApiRequest> ApiStandIn::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> ApiStandIn::lines() const {
  std::vector<std::string> lines;
  for (const ApiRequest& request : requests()) lines.push_back(request.line);
  return lines;
}

void ApiStandIn::serve(Peer& peer) {
  const std::string request = peer.read_request();
  std::size_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = requests_.size();
    requests_.push_back(parsed(request));
  }
  const std::string answer =
      number < answers_.size() ? answers_[number] : api_answer(500, "a request too many");
  if (answer == kSilence) peer.stall();
  if (answer != kHangUp) peer.send(answer);
  peer.close();
}

}  // namespace lookout::test
