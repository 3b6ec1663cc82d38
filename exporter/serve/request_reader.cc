#include "exporter/serve/request_reader.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

namespace lookout {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;

std::string copy(string_view text) { return {text.data(), text.size()}; }

// A list field that appears twice is one list (RFC 9110 section 5.3).
void append_list(std::string& list, string_view value) {
  if (!list.empty()) list += ", ";
  list.append(value.data(), value.size());
}

}  // namespace

// Keeps the few fields that routes read, rather than all that a client may send.
class RequestReader::Parser final : public http::basic_parser<true> {
 public:
  Request request;
  int hosts = 0;
  bool expects_continue = false;
  bool foreign_encoding = false;  // a transfer coding other than chunked alone

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       boost::beast::error_code& error) override {
    request.method = copy(method);
    request.http_1_1 = version >= 11;
    if (!take_target({target.data(), target.size()})) error = http::error::bad_target;
  }

  bool take_target(std::string_view target) {
    if (target.find('#') != std::string_view::npos) return false;
    if (!target.starts_with('/') && target != "*") {
      // A client that takes us for a proxy sends the absolute form (RFC 9112 section 3.2.2).
      const auto scheme = target.find("://");
      if (scheme == std::string_view::npos) return false;
      target.remove_prefix(scheme + 3);
      const auto path = target.find_first_of("/?");
      target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (request.path.empty()) request.path = "/";
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    return true;
  }

  void on_field_impl(http::field field, string_view name, string_view value,
                     boost::beast::error_code&) override {
    if (is_header_done()) return;  // a trailer
    switch (field) {
      case http::field::host:
        ++hosts;
        break;
      case http::field::accept:
        append_list(request.accept, value);
        break;
      case http::field::accept_encoding:
        append_list(request.accept_encoding, value);
        break;
      case http::field::authorization:
        if (request.authorization.empty()) request.authorization = copy(value);
        break;
      case http::field::content_type:
        if (request.content_type.empty()) request.content_type = copy(value);
        break;
      case http::field::expect:
        expects_continue = boost::beast::iequals(value, "100-continue");
        break;
      case http::field::transfer_encoding:
        foreign_encoding = foreign_encoding || !boost::beast::iequals(value, "chunked");
        break;
      case http::field::unknown:
        if (boost::beast::iequals(name, "X-Prometheus-Scrape-Timeout-Seconds") && !request.scrape_timeout) {
          request.scrape_timeout = copy(value);
        }
        break;
      default:
        break;
    }
  }

  std::size_t on_body_impl(string_view body, boost::beast::error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, boost::beast::error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_response_impl(int, string_view, int, boost::beast::error_code&) override {}
  void on_header_impl(boost::beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, boost::beast::error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, string_view, boost::beast::error_code&) override {}
  void on_finish_impl(boost::beast::error_code&) override {}
};

RequestReader::RequestReader(std::size_t header_limit, std::size_t body_limit)
    : header_limit_(header_limit), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(static_cast<std::uint32_t>(header_limit) + 1);  // ours comes first
  parser_->body_limit(body_limit);
}

RequestReader::~RequestReader() = default;

RequestReader::Progress RequestReader::fail(int status, std::string_view reason) {
  status_ = status;
  reason_ = reason;
  return Progress::failed;
}

RequestReader::Progress RequestReader::advance(InputBuffer& input) {
  return parser_->is_header_done() ? advance_body(input) : advance_head(input);
}

// Waits for the whole head and looks at its bytes before the parser sees them: bare line feeds, bare carriage
// returns, NUL bytes and folded lines are what other parsers along the way may read differently.
RequestReader::Progress RequestReader::advance_head(InputBuffer& input) {
  while (!skipped_blank_ && input.bytes().starts_with("\r\n")) {  // RFC 9112 section 2.2
    if (++blank_lines_ > kMaximumBlankLines) return fail(400, "blank lines instead of a request");
    input.consume(2);
  }
  const std::string_view bytes = input.bytes();
  if (bytes.empty() || bytes == "\r") return Progress::need_more;
  skipped_blank_ = true;
  bool ended = false;
  for (; scanned_ < bytes.size() && !ended; ++scanned_) {
    const char byte = bytes[scanned_];
    const char before = scanned_ > 0 ? bytes[scanned_ - 1] : '\0';
    if (byte == '\0') return fail(400, "a NUL byte in the header");
    if ((before == '\r') != (byte == '\n')) return fail(400, "a line that does not end with CR LF");
    if (before == '\n' && (byte == ' ' || byte == '\t')) return fail(400, "a folded header line");
    ended = byte == '\n' && scanned_ >= 3 && bytes[scanned_ - 2] == '\n';
  }
  if (scanned_ > header_limit_) return fail(431, "the request header is too large");
  if (!ended) return input.full() ? fail(431, "the request header is too large") : Progress::need_more;

  boost::beast::error_code error;
  input.consume(parser_->put(boost::asio::const_buffer(bytes.data(), scanned_), error));
  if (error == http::error::body_limit) return fail(413, "the request body is too large");
  if (error == http::error::bad_version) return fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  if (error && error != http::error::need_more) return fail(400, "a malformed request header");
  if (parser_->hosts > 1 || (parser_->request.http_1_1 && parser_->hosts == 0)) {
    return fail(400, "a request needs exactly one Host header");
  }
  if (parser_->foreign_encoding) return fail(501, "no transfer coding but chunked is understood");
  if (parser_->chunked() && !parser_->request.http_1_1) return fail(400, "HTTP/1.0 has no chunked coding");
  return advance_body(input);
}

RequestReader::Progress RequestReader::advance_body(InputBuffer& input) {
  boost::beast::error_code error;
  while (!parser_->is_done() && !input.bytes().empty() && !error) {
    const std::string_view bytes = input.bytes();
    input.consume(parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error));
  }
  if (error == http::error::body_limit) return fail(413, "the request body is too large");
  if (error && error != http::error::need_more) return fail(400, "a malformed request body");
  if (parser_->is_done()) return Progress::complete;
  if (input.full()) return fail(400, "a chunk header or trailer that is too long");
  if (parser_->expects_continue && parser_->request.http_1_1 && !continue_sent_ && input.bytes().empty()) {
    continue_sent_ = true;
    return Progress::continue_expected;
  }
  return Progress::need_more;
}

Request RequestReader::take() {
  parser_->request.keep_alive = parser_->keep_alive();
  return std::move(parser_->request);
}

}  // namespace lookout
