// A name server for tests, on UDP and TCP of one port of 127.0.0.1 that the kernel chose: answers from
// records, or does whatever a script says, right or wrong. Own thread.
//
//   ScriptedDns dns;
//   dns.add("web.test", kA, ipv4("127.0.0.1"));
//   dns.script([](const DnsQuestion& q) { return q.reply().with_rcode(kServfail); });
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lookout::test {

inline constexpr std::uint16_t kA = 1, kNs = 2, kCname = 5, kSoa = 6, kMx = 15, kTxt = 16, kAaaa = 28,
                               kAny = 255;
inline constexpr int kNoError = 0, kFormerr = 1, kServfail = 2, kNxdomain = 3, kNotimp = 4, kRefused = 5;

// RDATA in wire form.
std::string ipv4(const std::string& address);
std::string ipv6(const std::string& address);
std::string wire_name(std::string_view name);
std::string wire_text(std::string_view text);  // one character-string
std::string big16(std::uint16_t value);
std::string big32(std::uint32_t value);

struct DnsRecord {
  std::string name;
  std::uint16_t type = kA;
  std::string data;
  std::uint32_t ttl = 300;
  std::uint16_t record_class = 1;
};

// A reply under construction; turned into bytes at the end, so that every field can be made wrong.
struct DnsReply {
  std::uint16_t id = 0;
  std::uint16_t flags = 0x8180;  // a response, recursion desired and available
  std::string question;          // wire form, name, type and class
  std::vector<DnsRecord> answers, authorities, additionals;

  DnsReply with_rcode(int rcode) const;
  DnsReply with_id(std::uint16_t wrong) const;
  DnsReply truncated() const;
  DnsReply with(DnsRecord answer) const;
  std::string bytes() const;
};

struct DnsQuestion {
  std::string name;  // lower case, without the final dot
  std::uint16_t type = 0, question_class = 0;
  bool tcp = false;
  int number = 0;          // 0 for the first question to this server
  std::string message;     // as it came
  DnsReply reply() const;  // with this question and id, without answers
};

// What the server does with one question, in this order. No messages and nothing else: silence.
struct DnsAction {
  std::vector<std::string> messages;  // each sent as it is; over TCP with its length before it
  std::chrono::milliseconds delay{0};
  bool close = false;  // TCP: close the connection afterwards
  bool raw = false;    // TCP: no length before the messages
  DnsAction() = default;
  DnsAction(const DnsReply& reply) : messages{reply.bytes()} {}  // NOLINT: a reply is the usual action
};

// Over TCP: 20 KB of records whose names are one compressed name, a kilobyte as text because every byte of it
// is written with four letters.
DnsAction endless_text(const DnsQuestion& question);

class ScriptedDns {
 public:
  using Script = std::function<DnsAction(const DnsQuestion&)>;

  explicit ScriptedDns(const std::string& address = "127.0.0.1");  // or ::1
  ScriptedDns(const ScriptedDns&) = delete;
  ScriptedDns& operator=(const ScriptedDns&) = delete;
  ~ScriptedDns();

  // Without a script: known names answer with their records of the type (none: NODATA), others with NXDOMAIN.
  void add(const std::string& name, std::uint16_t type, std::string data, std::uint32_t ttl = 300);
  void script(Script script);                                 // for every question from now on
  DnsAction from_records(const DnsQuestion& question) const;  // for scripts that misbehave only sometimes

  std::uint16_t port() const;
  int questions() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace lookout::test
