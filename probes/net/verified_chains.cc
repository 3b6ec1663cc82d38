#include "probes/net/verified_chains.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "probes/net/certificate.h"
#include "probes/net/tls_failure.h"

namespace lookout {
namespace {

constexpr int kMaximumSteps = 100;
constexpr std::size_t kMaximumLength = 10;
constexpr int kMaximumVerifications = 8;

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* value) const {
    release(value);
  }
};
using Verification = std::unique_ptr<X509_STORE_CTX, Releaser<X509_STORE_CTX_free>>;
using Owned =
    std::unique_ptr<STACK_OF(X509), Releaser<[](STACK_OF(X509) * all) { sk_X509_pop_free(all, X509_free); }>>;
using Borrowed = std::unique_ptr<STACK_OF(X509), Releaser<[](STACK_OF(X509) * all) { sk_X509_free(all); }>>;

struct Chain {
  std::vector<X509*> certificates;  // the peer's own first, the trusted one last
  double expiry = 0;
};

double expiry_of(const X509* certificate) { return unix_seconds(X509_get0_notAfter(certificate)); }

bool issued(X509* issuer, X509* subject) { return X509_check_issued(issuer, subject) == X509_V_OK; }

// Walks from the peer's certificate through those that it sent, and ends wherever the store has the issuer.
class ChainSearch {
 public:
  ChainSearch(X509_STORE* store, X509* leaf, const STACK_OF(X509) * sent)
      : lookup_(X509_STORE_CTX_new()), sent_(sent), path_{leaf} {
    usable_ = lookup_ != nullptr && X509_STORE_CTX_init(lookup_.get(), store, leaf, nullptr) == 1;
  }

  std::vector<Chain> find() {
    if (usable_) extend(expiry_of(path_.front()));
    return std::move(found_);
  }

 private:
  void extend(double expiry) {
    if (++steps_ > kMaximumSteps) return;
    X509* const last = path_.back();
    trusted_.emplace_back(X509_STORE_CTX_get1_certs(lookup_.get(), X509_get_issuer_name(last)));
    const STACK_OF(X509)* trusted = trusted_.back().get();
    for (int i = 0; i < sk_X509_num(trusted); ++i) {
      X509* const anchor = sk_X509_value(trusted, i);
      if (!issued(anchor, last)) continue;
      found_.push_back({path_, std::min(expiry, expiry_of(anchor))});
      found_.back().certificates.push_back(anchor);
    }
    if (path_.size() + 1 >= kMaximumLength) return;
    for (int i = 0; i < sk_X509_num(sent_); ++i) {
      X509* const next = sk_X509_value(sent_, i);
      const bool passed = std::ranges::any_of(path_, [&](X509* one) { return X509_cmp(one, next) == 0; });
      if (passed || !issued(next, last)) continue;
      path_.push_back(next);
      extend(std::min(expiry, expiry_of(next)));
      path_.pop_back();
    }
  }

  Verification lookup_;
  const STACK_OF(X509) * sent_;
  bool usable_ = false;
  int steps_ = 0;
  std::vector<X509*> path_;
  std::vector<Owned> trusted_;  // whose certificates found_ names
  std::vector<Chain> found_;
};

bool verifies(const Chain& chain) {
  const Verification verification(X509_STORE_CTX_new());
  const Borrowed between(sk_X509_new_null()), anchor(sk_X509_new_null());
  if (!verification || !between || !anchor) return false;
  for (std::size_t i = 1; i + 1 < chain.certificates.size(); ++i)
    sk_X509_push(between.get(), chain.certificates[i]);
  sk_X509_push(anchor.get(), chain.certificates.back());
  X509_STORE_CTX* const raw = verification.get();
  if (X509_STORE_CTX_init(raw, nullptr, chain.certificates.front(), between.get()) != 1) return false;
  X509_STORE_CTX_set0_trusted_stack(raw, anchor.get());
  X509_STORE_CTX_set_default(raw, "ssl_server");
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(raw), X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(raw), kCertificateSecurityLevel);
  // A shorter way among the same certificates is a chain of its own.
  return X509_verify_cert(raw) == 1 &&
         sk_X509_num(X509_STORE_CTX_get0_chain(raw)) == static_cast<int>(chain.certificates.size());
}

}  // namespace

double earliest_expiry(const STACK_OF(X509) * certificates) {
  double earliest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < sk_X509_num(certificates); ++i)
    earliest = std::min(earliest, expiry_of(sk_X509_value(certificates, i)));
  return earliest;
}

std::optional<double> last_chain_expiry(const SSL* tls) {
  if ((SSL_get_verify_mode(tls) & SSL_VERIFY_PEER) == 0 || SSL_get_verify_result(tls) != X509_V_OK)
    return std::nullopt;
  const STACK_OF(X509)* verified = SSL_get0_verified_chain(tls);
  if (sk_X509_num(verified) <= 0) return std::nullopt;
  const double expiry = earliest_expiry(verified);
  if (sk_X509_num(verified) == 1) return expiry;  // trusted itself
  X509_STORE* const store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(tls));
  ChainSearch search(store, sk_X509_value(verified, 0), SSL_get_peer_cert_chain(tls));
  std::vector<Chain> chains = search.find();
  std::ranges::sort(chains, std::greater<>(), &Chain::expiry);
  int verifications = 0;
  for (const Chain& chain : chains) {
    if (chain.expiry <= expiry || ++verifications > kMaximumVerifications) break;
    if (!verifies(chain)) continue;
    ERR_clear_error();
    return chain.expiry;
  }
  ERR_clear_error();
  return expiry;
}

}  // namespace lookout
