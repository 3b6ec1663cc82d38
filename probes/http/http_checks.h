// Judges a response against the module, in blackbox_exporter's order: status, headers, compression, body
// patterns, CEL, a body that broke off, version, TLS. Pure.
//
// Which failure says what:
//   response/status     the status code is not among the valid ones
//   response/protocol   the compression is not known, or the version is not a valid one
//   response/limit      more than kMaximumRedirects redirects
//   match/mismatch      a header or body pattern, fail_if_ssl, fail_if_not_ssl
#pragma once

#include "probes/core/failure.h"
#include "probes/http/http_config.h"
#include "probes/match/cel_value.h"
#include "probes/net/http_transfers.h"

namespace lookout {

inline constexpr int kMaximumRedirects = 10;  // followed, as Go's client does
// Memory that one probe may keep for body patterns when the user sets no limit.
inline constexpr std::uint64_t kMaximumKeptBody = 64 * 1024 * 1024;

// What of a response is known apart from its head and body.
struct HttpEnding {
  bool over_tls = false;
  int redirects = 0;
  bool body_refused = false;                    // of a redirect that is not followed: never read
  Outcome transport;                            // what broke the response off
  std::optional<cel::Result<cel::Value>> json;  // the body, where CEL is to check it
};

struct HttpJudgement {
  Outcome failure;
  bool pattern_failed = false;  // probe_failed_due_to_regex
  bool cel_failed = false;      // probe_failed_due_to_cel
};

// One of `valid`, or where that is empty 200 to 299.
bool is_valid_status(const std::vector<int>& valid, int status);

HttpJudgement judge(const HttpConfig& config, const HttpResponse& response, const HttpEnding& ending);

// The checks that need only the head. Where body checks are still to come, the first of them counts as
// failed until it is done, because a body that cannot be read counts as one that does not match.
HttpJudgement judge_head(const HttpConfig& config, const HttpResponse& response);

bool checks_body(const HttpConfig& config);  // by patterns or CEL
// Whether anything looks at the body, if only for labels.
bool keeps_body(const HttpConfig& config);
bool follows_redirects(const HttpConfig& config);
// The coding that `compression` stands for: gzip, br or deflate; empty for none, for identity and for one
// that is not known.
std::string content_coding(const HttpConfig& config);
// Whether an Accept-Encoding header admits a coding, by blackbox_exporter's rules: the first item that names
// the coding or * decides, best quality first.
bool accept_encoding_admits(std::string_view header, std::string_view coding);

}  // namespace lookout
