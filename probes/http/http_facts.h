// The families of the `http` kind and their presence rules, which dashboards rely on as much as on the
// values:
//  * always: status code, content length, body length, redirects, ssl, version, failed_due_to_regex (0 until
//  known);
//  * failed_due_to_cel: only if the module has a CEL check, 0 until one failed;
//  * phase resolve: once resolving was attempted; phases connect, tls, processing and transfer: once a
//  request was about to
//    be sent, then always, 0 where nothing was measured;
//  * of the final response only, and kept when its body is cut off: status, version, lengths, Last-Modified,
//  TLS; the latter also of a handshake that failed after the peer had sent its certificates.
#pragma once

#include <optional>

#include "probes/core/probe.h"
#include "probes/match/regex.h"
#include "probes/net/http_transfers.h"
#include "probes/net/tls.h"

namespace lookout {

inline constexpr FactFamily kHttpDuration{"probe_http_duration_seconds",
                                          "Time per phase, summed over all redirects"};
inline constexpr FactFamily kHttpStatusCode{"probe_http_status_code", "Status code of the final response"};
inline constexpr FactFamily kHttpContentLength{"probe_http_content_length",
                                               "Content-Length of the final response, -1 if it has none"};
inline constexpr FactFamily kHttpBodyLength{"probe_http_uncompressed_body_length",
                                            "Bytes of the final response's body after decompression"};
inline constexpr FactFamily kHttpRedirects{"probe_http_redirects", "Redirects met"};
inline constexpr FactFamily kHttpSsl{"probe_http_ssl", "1 if the final response came over TLS"};
inline constexpr FactFamily kHttpVersion{"probe_http_version", "HTTP version of the final response"};
inline constexpr FactFamily kFailedDueToCel{"probe_failed_due_to_cel", "1 if a CEL check of the body failed"};
inline constexpr FactFamily kHttpLastModified{"probe_http_last_modified_timestamp_seconds",
                                              "Last-Modified header of the final response, as Unix time"};

inline constexpr TlsFacts kHttpTlsFacts{.cipher = true, .chain_expiry = true};

// Measures the phases and states the facts of one probe. What it knows it states when it is destroyed at the
// latest, so that a probe cut off by its deadline tells what it had measured. Lives in the probe's coroutine,
// shorter than the response.
class HttpFacts {
 public:
  HttpFacts(ProbeRun& run, const HttpResponse& response);
  ~HttpFacts();
  HttpFacts(const HttpFacts&) = delete;
  HttpFacts& operator=(const HttpFacts&) = delete;

  void resolving();
  void resolved();
  void will_send_requests() { phases_known_ = true; }

  // A round trip got its connection, and what that took. A connection that never came about is in no phase.
  void connected(Duration connect, Duration tls);
  // The round trip ended with a redirect, the count-th, that is followed.
  void redirected(int count);
  // The response is the final one and its head is there.
  void final_head(bool head_only, ssl_st* tls);
  void pattern_failed(bool failed);

 private:
  void end_round_trip();
  void state_phases();

  ProbeRun& run_;
  const HttpResponse& response_;  // of the round trip in progress
  bool phases_known_ = false;
  bool resolve_known_ = false;
  bool final_ = false;
  std::optional<SteadyTime> resolving_since_;
  std::optional<SteadyTime> usable_since_;
  Duration resolve_{}, connect_{}, tls_{}, processing_{}, transfer_{};
};

}  // namespace lookout
