// What the actions share that talk HTTP: a connection for one request, the request, one answer, and what to
// make of there being none. No redirect is followed and nothing is asked twice.
#pragma once

#include <string>
#include <string_view>

#include "exporter/actions/action.h"
#include "probes/net/http_connect.h"

namespace lookout {

struct HttpCall {
  HttpUrl url;
  std::string tls_name;  // for SNI and verification
  HttpRequest request;   // its target and, unless set, its host are the URL's
};

// Resolves, connects, shakes hands, asks. `sent` becomes true before the first byte of the request leaves.
// An answer is there as soon as its head is: what breaks off after it has said yes or no.
Task<Attempt<HttpResponse>> call_http(ProbeRun& run, HttpClientNetwork network, HttpCall call, bool& sent);
// The same over a stream that somebody else connected.
Task<Attempt<HttpResponse>> ask(ProbeRun& run, Stream& stream, HttpRequest request, bool& sent);

// Kept of an answer's body, unless the request sets another limit.
inline constexpr std::uint64_t kMaximumAnswer = 64 * 1024;

// Failed where nothing was begun, otherwise ambiguous.
ActionResult without_answer(const ActionRun& run, const Failure& failure);
// Status line and the beginning of the body.
std::string told(const HttpResponse& response, std::span<const std::string> secrets);

}  // namespace lookout
