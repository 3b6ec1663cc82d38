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

inline CertificateSummary a_certificate(std::string subject, double begins_in_days, double ends_in_days) {
  CertificateSummary certificate;
  certificate.subject = std::move(subject);
  certificate.issuer = "CN=Example CA,O=Example";
  certificate.serial = "0a1b";
  certificate.fingerprint_sha256 = std::string(64, 'b');
  certificate.not_before = 1795422370 + begins_in_days * 86400;
  certificate.not_after = 1795422370 + ends_in_days * 86400;
  certificate.key = "EC P-256";
  certificate.signature = "ecdsa-with-SHA256";
  return certificate;
}

// Retried, and refused for a certificate out of its time.
inline ProbeResult a_probe_with_a_chain() {
  ProbeResult result = a_failed_probe();
  result.failure =
      Failure{Stage::tls, Cause::certificate_expired, "certificate has expired (subject CN=shop.example)"};
  result.attempts = 3;
  CertificateSummary own = a_certificate("CN=shop.example", -100, -10);
  own.names = {"shop.example", "www.shop.example", "127.0.0.1"};
  own.names_left_out = 2;
  for (const CertificateSummary& each :
       {own, a_certificate("CN=Example CA,O=Example", -1000, 1000), a_certificate("", 5, 1000)}) {
    result.certificates.push_back(std::make_shared<const CertificateSummary>(each));
  }
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
  CertificateSummary certificate = a_certificate(attack, -10, 10);
  certificate.issuer = certificate.key = certificate.signature = certificate.fingerprint_sha256 = attack;
  certificate.names = {attack, "a\nprobe_success 1"};
  result.certificates = {std::make_shared<const CertificateSummary>(certificate)};
  return result;
}

inline ProbeReport report_of(const ProbeResult& result) {
  return {"https://shop.example/health", "http_2xx", "http", result};
}

}  // namespace lookout::test
