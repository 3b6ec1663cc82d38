#include "probes/websocket/websocket_upgrade.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "probes/core/base64.h"
#include "probes/core/text.h"
#include "probes/net/http_head.h"

namespace lookout {
namespace {

constexpr std::size_t kMaximumHead = 64 * 1024;

// Whether the comma-separated list has the word, in any case.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (same_header_name(trimmed(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

int status_of(std::string_view line) {
  int status = 0;
  if (line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ')
    std::from_chars(line.data() + 9, line.data() + 12, status);
  return status >= 100 ? status : 0;
}

}  // namespace

std::string websocket_key() {
  std::array<char, 16> bytes{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
    return {};
  return base64(std::string_view(bytes.data(), bytes.size()));
}

std::string websocket_accept(std::string_view key) {
  const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(salted.data(), salted.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha1(),
             nullptr);
  return base64(std::string_view(digest.data(), size));
}

std::string upgrade_request(const WebsocketUpgrade& upgrade, std::string_view key) {
  std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n",
      upgrade.path, upgrade.host, key);
  for (const HttpHeader& header : upgrade.headers)
    request += fmt::format("{}: {}\r\n", header.name, header.value);
  return request + "\r\n";
}

bool is_of_upgrade(std::string_view header) {
  constexpr std::array<std::string_view, 5> kNames{"Upgrade", "Connection", "Sec-WebSocket-Key",
                                                   "Sec-WebSocket-Version", "Sec-WebSocket-Extensions"};
  return std::ranges::any_of(kNames, [&](std::string_view name) { return same_header_name(name, header); });
}

Task<Attempt<UpgradeHead>> read_upgrade_head(ProbeRun& run, Stream& stream) {
  std::string received;
  std::array<char, 4096> buffer;
  for (;;) {
    const std::size_t searched = received.size() < 3 ? 0 : received.size() - 3;
    const Attempt<std::size_t> got = co_await stream.read_some(run, std::span<char>(buffer));
    if (!got) co_return got.error();
    if (*got == 0) co_return run.fail(Cause::closed, "the peer hung up instead of answering the upgrade");
    received.append(buffer.data(), *got);
    const std::size_t end = received.find("\r\n\r\n", searched);
    if (end != std::string::npos && end <= kMaximumHead)
      co_return UpgradeHead{received.substr(0, end + 4), received.substr(end + 4)};
    if (received.size() > kMaximumHead)
      co_return run.fail(Cause::limit,
                         fmt::format("the answer's head is longer than {} bytes", kMaximumHead));
  }
}

UpgradeAnswer read_upgrade_answer(std::string_view head, std::string_view key) {
  std::size_t end = head.find("\r\n");
  UpgradeAnswer answer{.status = status_of(head.substr(0, end)), .broken_rule = {}};
  bool upgrades = false, connects = false, accepts = false, extends = false;
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (same_header_name(name, "Upgrade")) upgrades |= lists(value, "websocket");
    if (same_header_name(name, "Connection")) connects |= lists(value, "upgrade");
    if (same_header_name(name, "Sec-WebSocket-Accept")) accepts |= value == websocket_accept(key);
    if (same_header_name(name, "Sec-WebSocket-Extensions")) extends |= !value.empty();
  }
  if (!upgrades) answer.broken_rule = "its header Upgrade does not say websocket";
  if (!connects) answer.broken_rule = "its header Connection does not say Upgrade";
  if (!accepts) answer.broken_rule = "its Sec-WebSocket-Accept does not belong to our key";
  if (extends) answer.broken_rule = "it uses an extension that was not asked for";
  return answer;
}

}  // namespace lookout
