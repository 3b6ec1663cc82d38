// Certificates and keys as the configuration names them, parsed. Blocking reads of small local files; no
// network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "probes/core/failure.h"

struct x509_st;
struct x509_store_st;
struct evp_pkey_st;

namespace lookout {

using CertificateStore = std::shared_ptr<x509_store_st>;
using Certificates = std::vector<std::shared_ptr<x509_st>>;

// What went wrong, for the operator; never the contents.
struct Unusable {
  std::string reason;
};
[[noreturn]] void throw_exception_from_error(const Unusable& unusable,
                                             const boost::source_location& location);
template <class T>
using Usable = boost::system::result<T, Unusable>;

// The system's authorities: loaded at the first call of the process, shared by all threads (OpenSSL locks it
// inside).
CertificateStore system_store();

Usable<std::string> read_small_file(const std::string& path);
// `name` says in messages where the text came from.
Usable<CertificateStore> parse_store(const std::string& pem, const std::string& name);
Usable<Certificates> parse_certificates(const std::string& pem, const std::string& name);
Usable<std::shared_ptr<evp_pkey_st>> parse_key(const std::string& pem, const std::string& name);

}  // namespace lookout
