// Every stage x cause that a probe can fail with, for each kind: how a test brings it about. Situations that
// kinds share are written once; the rest are in the kinds' own functions.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/probe_once.h"
#include "tests/support/scripted_dns.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {

struct Situation {
  std::string kind;  // "tcp", ...
  std::string key;   // "connect/refused"
  std::function<ProbeResult()> happens;
  bool in_namespace = false;  // has to happen in a network namespace of its own
};

inline void PrintTo(const Situation& situation, std::ostream* out) {
  *out << situation.kind << " " << situation.key;
}

// How a kind that talks over a stream is aimed at a server.
struct StreamKind {
  std::string name;
  std::string plain, encrypted;                          // blocks of a module, without the braces
  std::function<std::string(const std::string&)> aimed;  // host:port -> target
  std::function<std::string(const std::string&)> aimed_encrypted;
};

std::vector<StreamKind> stream_kinds();
std::vector<Situation> shared_situations();  // resolving, connecting, TLS
std::vector<Situation> tcp_situations();
std::vector<Situation> http_situations();
std::vector<Situation> dns_situations();
std::vector<Situation> icmp_situations();
std::vector<Situation> grpc_situations();
std::vector<Situation> udp_situations();
std::vector<Situation> unix_situations();
std::vector<Situation> websocket_situations();

ProbeResult probe_as(const std::string& kind, const std::string& block, const std::string& target,
                     Duration timeout = std::chrono::seconds(5),
                     const std::function<void(ProbeServices&)>& prepare = {});

// The descriptors run out after `prepare`, before the probe.
ProbeResult probe_without_descriptors(const std::string& kind, const std::string& block,
                                      const std::string& target,
                                      const std::function<void(ProbeServices&)>& prepare = {});

}  // namespace lookout::test
