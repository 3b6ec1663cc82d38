// Probes as they end, for tests that show them.
#pragma once

#include "exporter/report/probe_report.h"
#include "probes/core/fact.h"

namespace lookout::test {

using std::chrono::microseconds;
using std::chrono::milliseconds;

inline const WallTime kStarted{milliseconds(1795422370042)};  // 2026-11-23T08:26:10.042Z

inline constexpr FactFamily kStatus{"probe_http_status_code", ""};
inline constexpr FactFamily kLength{"probe_http_content_length", ""};
inline constexpr FactFamily kPhases{"probe_http_duration_seconds", ""};
inline constexpr FactFamily kExpiry{"probe_ssl_earliest_cert_expiry", ""};
inline constexpr FactFamily kChain{"probe_ssl_last_chain_info", ""};

inline ProbeResult a_good_probe() {
  ProbeResult result;
  result.verdict = Verdict::up;
  result.started = kStarted;
  result.duration = microseconds(10'000);
  result.timeout = std::chrono::seconds(5);
  result.stages = {{Stage::resolve, microseconds(26)},
                   {Stage::connect, microseconds(2'313)},
                   {Stage::tls, microseconds(4'000)},
                   {Stage::response, microseconds(3'600)}};
  result.facts = {{&kStatus, 200, ""},
                  {&kLength, 345678, ""},
                  {&kPhases, 0.000013, "phase=\"resolve\""},
                  {&kPhases, 0, "phase=\"tls\""},
                  {&kExpiry, 1795422370 + 9 * 86400.0, ""},
                  {&kChain, 1,
                   render_labels({{"fingerprint_sha256", std::string(64, 'a')},
                                  {"issuer",
                                   "CN=Example \"Root\",O=Gr\xc3\xbc\xc3\x9f"
                                   "e"},
                                  {"subject", "CN=shop.example"}})}};
  result.trace = {{microseconds(53), "shop.example is 127.0.0.1"},
                  {microseconds(2'340), "connected to 127.0.0.1:443"}};
  return result;
}

inline ProbeResult a_failed_probe() {
  ProbeResult result;
  result.verdict = Verdict::down;
  result.started = kStarted;
  result.duration = milliseconds(2031);
  result.timeout = std::chrono::seconds(5);
  result.stages = {{Stage::resolve, microseconds(30'480)},
                   {Stage::connect, microseconds(210)},
                   {Stage::tls, milliseconds(2000)}};
  result.failure = Failure{Stage::tls, Cause::closed, "the peer hung up during the TLS handshake"};
  result.trace = {{microseconds(54), "127.0.0.1 is 127.0.0.1"}};
  return result;
}

// Everywhere where text of a peer may turn up.
inline ProbeResult a_hostile_probe() {
  ProbeResult result = a_failed_probe();
  const std::string attack =
      "\x1b[2J\x1b]0;owned\x07 \xc2\x9b"
      "31m \xff \xe2\x80\xae txt";
  result.failure = Failure{Stage::match, Cause::mismatch, "expected x, got " + attack};
  result.facts = {
      {&kChain, 1, render_labels({{"issuer", attack}, {"subject", attack + "\nprobe_success 1"}})}};
  result.trace = {{microseconds(54), attack}};
  return result;
}

inline ProbeReport report_of(const ProbeResult& result) {
  return {"https://shop.example/health", "http_2xx", "http", result};
}

}  // namespace lookout::test
