// TLS of Lookout's own server: the context that handshakes use, made anew when the files it came from change,
// and the layer between one connection's socket and its bytes. Main loop only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/serve/web_config.h"
#include "probes/net/file_state.h"
#include "probes/net/tls_material.h"

struct ssl_ctx_st;
struct ssl_st;

namespace lookout {

bool is_cipher_suite(std::string_view name);  // as Go names it
bool is_curve(std::string_view name);

// The last context that could be made of one WebTls. While certificate and key on disk do not fit together,
// as in the middle of a renewal, the one before stays in use.
class ServerTlsContext {
 public:
  // Looks at the files; why what is there now cannot be used, if that or the configuration changed.
  std::optional<Unusable> refresh(const WebTls& config);
  ssl_ctx_st* get() const { return context_.get(); }  // nullptr before the first success

 private:
  WebTls config_;
  std::vector<FileState> seen_;
  std::shared_ptr<ssl_ctx_st> context_;
};

// Over a non-blocking descriptor that somebody else owns, waits with and closes.
class TlsLayer {
 public:
  enum class State { done, wants_read, wants_write, ended };
  struct Step {
    State state = State::ended;
    std::size_t count = 0;
  };

  TlsLayer(ssl_ctx_st* context, int descriptor);
  Step handshake();
  Step read(std::span<char> into);                           // ended: also at the end that the peer announced
  Step write(std::string_view bytes);                        // again with the same bytes after wants_*
  void shutdown();                                           // says that nothing follows; does not wait
  bool peer_spoke_http() const { return peer_spoke_http_; }  // why the handshake ended

 private:
  Step step(int result);
  struct Free {
    void operator()(ssl_st* tls) const;
  };
  std::unique_ptr<ssl_st, Free> tls_;
  bool broken_ = false;
  bool peer_spoke_http_ = false;
};

}  // namespace lookout
