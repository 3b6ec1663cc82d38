#include "tests/net/http/http_fixture.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <zlib.h>

#include "probes/core/config_visitor.h"

namespace lookout::test {
namespace {

// Window bits as zlib has them: 31 for gzip, -15 for raw, 15 for its own frame.
std::string compressed(std::string_view text, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

HttpConfig http_config(std::string_view yaml) {
  Problems problems("test.yml");
  HttpConfig config;
  const std::optional<YamlNode> node = parse_yaml(yaml, problems);
  if (node && node->kind() != YamlNode::Kind::null) read_value(*node, config, problems);
  for (const Problem& problem : problems.sorted()) std::cerr << describe(problem) << '\n';
  if (!problems.empty()) std::abort();
  return config;
}

std::string reply(int status, std::string_view body, std::string_view headers) {
  return fmt::format("HTTP/1.1 {} Some Reason\r\n{}Content-Length: {}\r\n\r\n{}", status, headers,
                     body.size(), body);
}

ScriptedServer::Script answering(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    peer.read_request();
    peer.send(answer);
    peer.close();
  };
}

std::string redirect(int status, const std::string& location, std::string_view body,
                     std::string_view headers) {
  return reply(status, body, fmt::format("Location: {}\r\n{}", location, headers));
}

Sequence::Sequence(std::vector<std::string> answers, ScriptedServer::Options options)
    : answers_(std::move(answers)), server_([this](Peer& peer) { serve(peer); }, options) {}

std::string Sequence::request(std::size_t number) {
  const std::lock_guard lock(mutex_);
  return number < requests_.size() ? requests_[number] : "no such request";
}

void Sequence::serve(Peer& peer) {
  const std::string request = peer.read_request();
  const auto number = static_cast<std::size_t>(peer.number());
  {
    const std::lock_guard lock(mutex_);
    requests_.resize(std::max(requests_.size(), number + 1));
    requests_[number] = request;
  }
  peer.send(answers_[std::min(number, answers_.size() - 1)]);
  peer.close();
}

Conversed probe_http_once(HttpConfig config, const std::string& address, Duration timeout,
                          const std::string& hostname) {
  const Target target{address, hostname};
  return converse_until(timeout, [&](ProbeRun& run) { return probe_http(config, target, run); });
}

Conversed probe_http_once(std::string_view yaml, const std::string& address, Duration timeout,
                          const std::string& hostname) {
  return probe_http_once(http_config(yaml), address, timeout, hostname);
}

ServerTls tls_with(Identity identity, std::vector<std::string> alpn) {
  ServerTls tls;
  tls.identity = std::move(identity);
  tls.alpn = std::move(alpn);
  return tls;
}

std::string gzipped(std::string_view text) { return compressed(text, 31); }
std::string raw_deflated(std::string_view text) { return compressed(text, -15); }
std::string zlib_deflated(std::string_view text) { return compressed(text, 15); }

int open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<int>(std::distance(begin(all), end(all)));
}

}  // namespace lookout::test
