#include "probes/http/http_facts.h"

#include <array>
#include <charconv>

#include <time.h>

#include "probes/http/http_date.h"

namespace lookout {
namespace {

double version_number(const std::string& version) {
  double number = 0;
  if (version.size() > 5) std::from_chars(version.data() + 5, version.data() + version.size(), number);
  return number;
}

// As Go counts it: -1 where only the end of the body tells.
double content_length(const HttpResponse& response, bool head_only) {
  if (response.status < 200 || response.status == 204 || response.status == 304) return 0;
  const std::string* text = response.find("Content-Length");
  const bool chunked = response.find("Transfer-Encoding") != nullptr && !head_only;
  if (text == nullptr || chunked) return -1;
  std::int64_t length = -1;
  std::from_chars(text->data(), text->data() + text->size(), length);
  return static_cast<double>(length);
}

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

HttpFacts::HttpFacts(ProbeRun& run, const HttpResponse& response) : run_(run), response_(response) {
  for (const FactFamily* family : {&kHttpStatusCode, &kHttpContentLength, &kHttpBodyLength, &kHttpRedirects,
                                   &kHttpSsl, &kHttpVersion, &kFailedDueToRegex}) {
    run_.facts.set(*family, 0);
  }
}

HttpFacts::~HttpFacts() {
  resolved();
  if (final_) {
    run_.facts.set(kHttpBodyLength, static_cast<double>(response_.body_size));
    transfer_ = now() - *response_.first_byte;
  }
  end_round_trip();
  state_phases();
}

void HttpFacts::resolving() {
  resolve_known_ = true;
  resolving_since_ = now();
}

void HttpFacts::resolved() {
  if (resolving_since_) resolve_ += now() - *resolving_since_;
  resolving_since_.reset();
}

void HttpFacts::connected(Duration connect, Duration tls) {
  connect_ += connect;
  tls_ += tls;
  usable_since_ = now();
}

void HttpFacts::redirected(int count) {
  run_.facts.set(kHttpRedirects, count);
  end_round_trip();
}

void HttpFacts::end_round_trip() {
  if (usable_since_ && response_.first_byte) processing_ += *response_.first_byte - *usable_since_;
  usable_since_.reset();
}

void HttpFacts::final_head(bool head_only, ssl_st* tls) {
  final_ = true;
  run_.facts.set(kHttpStatusCode, response_.status);
  run_.facts.set(kHttpContentLength, content_length(response_, head_only));
  run_.facts.set(kHttpVersion, version_number(response_.version));
  if (const std::string* text = response_.find("Last-Modified")) {
    if (const std::optional<double> time = parse_http_date(*text)) run_.facts.set(kHttpLastModified, *time);
  }
  if (tls == nullptr) return;
  run_.facts.set(kHttpSsl, 1);
  state_tls_facts(run_, tls, kHttpTlsFacts);
}

void HttpFacts::pattern_failed(bool failed) { run_.facts.set(kFailedDueToRegex, failed ? 1 : 0); }

void HttpFacts::state_phases() {
  const auto state = [this](std::string_view phase, Duration duration) {
    run_.facts.set(kHttpDuration, seconds(duration), render_labels({{"phase", phase}}));
  };
  if (resolve_known_) state("resolve", resolve_);
  if (!phases_known_) return;
  state("connect", connect_);
  state("tls", tls_);
  state("processing", processing_);
  state("transfer", transfer_);
}

}  // namespace lookout
