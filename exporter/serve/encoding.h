// Which encoding a client wants, and gzip itself. zlib's state is a quarter of a megabyte, so a few are kept
// and used again.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lookout {

// By Accept-Encoding (RFC 9110 section 12.5.3): gzip is acceptable, and identity is not preferred to it.
bool wants_gzip(std::string_view accept_encoding);

// One gzip member at a time: start(), any number of append(), finish(). Level 1: a scrape is read once, on a
// near network.
class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void start();
  void append(std::string_view text, std::string& out);
  void finish(std::string& out);

 private:
  struct Stream;
  void deflate(std::string_view text, std::string& out, bool last);
  std::unique_ptr<Stream> stream_;
};

// Lends compressors; those given back are kept for the next, up to a few. Must outlive its loans.
class GzipPool {
 public:
  struct Return {
    GzipPool* pool;
    void operator()(Gzip* gzip) const;
  };
  using Loan = std::unique_ptr<Gzip, Return>;
  Loan take();  // started

 private:
  static constexpr std::size_t kKept = 4;
  std::vector<std::unique_ptr<Gzip>> free_;
};

}  // namespace lookout
