// A client of the server's tests that speaks TLS.
#pragma once

#include <memory>

#include "tests/net/serve_client.h"
#include "tests/support/test_certificates.h"

struct ssl_st;
struct ssl_ctx_st;

namespace lookout::testing {

class TlsClient : public Client {
 public:
  struct Settings {
    std::string authority_file;                // trusted; the server is 127.0.0.1
    const test::Identity* identity = nullptr;  // the client's own
    std::string ciphers = {};                  // of TLS up to 1.2
    int highest = 0;                           // TLS1_2_VERSION, ...
  };
  TlsClient(std::uint16_t port, const Settings& settings);
  ~TlsClient() override;

  const std::string& trouble() const { return trouble_; }  // why the handshake failed
  std::string version() const;
  std::string cipher() const;
  std::string group() const;
  std::string protocol() const;        // by ALPN, of h2 and http/1.1 offered
  std::string certificate() const;     // the server's serial number
  bool asks(std::string_view target);  // whether an answer comes

 protected:
  ssize_t send_some(std::string_view bytes) override;
  ssize_t receive_some(char* into, std::size_t size) override;
  bool has_buffered() const override;

 private:
  std::shared_ptr<ssl_ctx_st> context_;
  std::shared_ptr<ssl_st> tls_;
  std::string trouble_;
};

}  // namespace lookout::testing
