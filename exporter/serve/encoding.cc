#include "exporter/serve/encoding.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <new>
#include <optional>

#include <zlib.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

// The weight among the parameters of one list element: 1 unless given, 0 when it cannot be read.
double weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto end = parameters.find(';');
    const std::string_view parameter = trimmed(parameters.substr(0, end));
    parameters = end == std::string_view::npos ? std::string_view() : parameters.substr(end + 1);
    if (parameter.size() < 2 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=') continue;
    double value = 0;
    const auto read = std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), value);
    return read.ec == std::errc() && value >= 0 && value <= 1 ? value : 0;
  }
  return 1;
}

}  // namespace

bool wants_gzip(std::string_view accept_encoding) {
  std::optional<double> gzip, identity, any;
  while (!accept_encoding.empty()) {
    const auto end = accept_encoding.find(',');
    const std::string_view element = accept_encoding.substr(0, end);
    accept_encoding = end == std::string_view::npos ? std::string_view() : accept_encoding.substr(end + 1);
    const auto semicolon = element.find(';');
    const std::string_view coding = trimmed(element.substr(0, semicolon));
    const double quality = semicolon == std::string_view::npos ? 1 : weight(element.substr(semicolon + 1));
    if (same_word(coding, "gzip") || same_word(coding, "x-gzip")) gzip = quality;
    if (same_word(coding, "identity")) identity = quality;
    if (coding == "*") any = quality;
  }
  const double wanted = gzip.value_or(any.value_or(0));
  return wanted > 0 && wanted >= identity.value_or(0);
}

struct Gzip::Stream {
  z_stream zlib{};
};

Gzip::Gzip() : stream_(std::make_unique<Stream>()) {
  constexpr int kLargestWindow = 15, kGzipFormat = 16, kUsualMemory = 8;
  if (deflateInit2(&stream_->zlib, 1, Z_DEFLATED, kLargestWindow + kGzipFormat, kUsualMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

Gzip::~Gzip() { deflateEnd(&stream_->zlib); }

void Gzip::start() { deflateReset(&stream_->zlib); }

void Gzip::append(std::string_view text, std::string& out) { deflate(text, out, false); }

void Gzip::finish(std::string& out) { deflate({}, out, true); }

void Gzip::deflate(std::string_view text, std::string& out, bool last) {
  z_stream& zlib = stream_->zlib;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  int status = Z_OK;
  do {
    const std::size_t used = out.size();
    const std::size_t room = std::max<std::size_t>(1024, text.size() / 8);
    out.resize(used + room);
    zlib.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    zlib.avail_out = static_cast<uInt>(room);
    status = ::deflate(&zlib, last ? Z_FINISH : Z_NO_FLUSH);
    out.resize(used + room - zlib.avail_out);
    assert(status != Z_STREAM_ERROR);
  } while (zlib.avail_out == 0 || (last && status != Z_STREAM_END));
}

void GzipPool::Return::operator()(Gzip* gzip) const {
  std::unique_ptr<Gzip> returned(gzip);
  if (pool->free_.size() < kKept) pool->free_.push_back(std::move(returned));
}

GzipPool::Loan GzipPool::take() {
  std::unique_ptr<Gzip> gzip;
  if (free_.empty()) {
    gzip = std::make_unique<Gzip>();
  } else {
    gzip = std::move(free_.back());
    free_.pop_back();
  }
  gzip->start();
  return Loan(gzip.release(), Return{this});
}

}  // namespace lookout
