// One request and its response, as libcurl sends and hands them over; how it gets to the peer is the
// transport's. Belongs to the coroutine of its exchange, for http_transfers.cc and http_quic.cc.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "probes/core/probe.h"
#include "probes/core/task.h"
#include "probes/net/http_body.h"
#include "probes/net/http_engine.h"
#include "probes/net/http_head.h"
#include "probes/net/http_header_lines.h"
#include "probes/net/http_transfers.h"

namespace lookout {

// Sets libcurl's URL, its version of HTTP and where its sockets come from. Outlives its transfer.
class HttpTransport {
 public:
  virtual void configure(CURL* handle) = 0;

 protected:
  ~HttpTransport() = default;
};

// One exchange. Created and destroyed by its coroutine, never within a callback of libcurl.
class HttpTransfer final : public HttpEngine::Client {
 public:
  HttpTransfer(std::shared_ptr<HttpEngine> engine, ProbeRun& run, const HttpRequest& request,
               HttpResponse& response, HttpTransport& transport, bool framed);
  ~HttpTransfer() override;
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  Task<> finished();
  Outcome outcome() const;
  CURLcode code() const { return *code_; }  // once it finished
  std::string error_text() const;           // libcurl's own words
  bool body_wanted() const { return stop_ != Stop::body_unwanted; }
  void finish(CURLcode code) override;

 private:
  enum class Stop { none, body_unwanted, head_limit, contradictory, body_limit, undecodable };

  Outcome whole_body() const;
  Outcome broken_connection() const;
  Outcome broken_protocol() const;
  void configure();
  void configure_method();
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  bool take_header(std::string_view line);
  std::size_t take_body(std::string_view data);
  void note_body(HttpBodyReader::State state);
  Task<> decode_what_waits();
  void note_first_byte();
  void note_rubbish();

  std::shared_ptr<HttpEngine> engine_;
  ProbeRun& run_;
  const HttpRequest& request_;
  HttpResponse& response_;
  HeaderLines lines_;
  HttpEngine::Handle handle_;
  const SteadyTime started_ = std::chrono::steady_clock::now();
  Timer done_;
  std::optional<CURLcode> code_;
  Stop stop_ = Stop::none;
  HttpHeadReader head_;
  HttpBodyReader body_;
  bool paused_ = false;  // until what waits is decoded
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace lookout
