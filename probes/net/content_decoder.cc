#include "probes/net/content_decoder.h"

#include <cstdint>
#include <new>

#include <brotli/decode.h>
#include <zlib.h>

namespace lookout {
namespace {

// Window bits as zlib has them: what stands around the compressed data.
constexpr int kGzip = 15 + 16, kZlib = 15, kRaw = -15;

class Inflater final : public ContentDecoder {
 public:
  explicit Inflater(bool gzip) : gzip_(gzip) {
    if (inflateInit2(&stream_, gzip ? kGzip : kRaw) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() override { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool decode(std::string_view& input, std::span<char>& output) override;
  bool complete() const override { return ended_; }

 private:
  int inflate_some(std::string_view& input, std::span<char>& output);
  void begin(char first);

  z_stream stream_{};
  const bool gzip_;
  bool began_ = false;
  bool ended_ = false;  // what was taken is a whole stream, or several
};

// A raw stream that begins like zlib's frame would be a stored block with rubbish in its padding.
void Inflater::begin(char first) {
  constexpr unsigned kMethodMask = 0x0f;
  const bool framed = (static_cast<unsigned char>(first) & kMethodMask) == Z_DEFLATED;
  if (!gzip_ && framed) inflateReset2(&stream_, kZlib);
  began_ = true;
}

int Inflater::inflate_some(std::string_view& input, std::span<char>& output) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream_.avail_in = static_cast<uInt>(input.size());
  stream_.next_out = reinterpret_cast<Bytef*>(output.data());
  stream_.avail_out = static_cast<uInt>(output.size());
  const int result = inflate(&stream_, Z_NO_FLUSH);
  input.remove_prefix(input.size() - stream_.avail_in);
  output = output.subspan(output.size() - stream_.avail_out);
  return result;
}

bool Inflater::decode(std::string_view& input, std::span<char>& output) {
  if (!began_ && !input.empty()) begin(input.front());
  while (!output.empty()) {
    if (ended_) {
      if (!gzip_) input = {};  // nobody asks what follows
      if (input.empty()) return true;
      inflateReset(&stream_);
      ended_ = false;
    }
    const int result = inflate_some(input, output);
    ended_ = result == Z_STREAM_END;
    if (result == Z_BUF_ERROR) return true;  // without anything to take, or to write to
    if (result != Z_OK && !ended_) return false;
  }
  return true;
}

class BrotliDecoder final : public ContentDecoder {
 public:
  BrotliDecoder() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) throw std::bad_alloc();
  }

  bool decode(std::string_view& input, std::span<char>& output) override {
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(output.data());
    std::size_t left_in = input.size(), left_out = output.size();
    const auto result =
        BrotliDecoderDecompressStream(state_.get(), &left_in, &next_in, &left_out, &next_out, nullptr);
    input.remove_prefix(input.size() - left_in);
    output = output.subspan(output.size() - left_out);
    return result != BROTLI_DECODER_RESULT_ERROR && !(complete() && !input.empty());
  }
  bool complete() const override { return BrotliDecoderIsFinished(state_.get()) != BROTLI_FALSE; }

 private:
  struct Deleter {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Deleter> state_;
};

}  // namespace

std::unique_ptr<ContentDecoder> ContentDecoder::of(std::string_view coding) {
  if (coding == "br") return std::make_unique<BrotliDecoder>();
  if (coding == "gzip" || coding == "deflate") return std::make_unique<Inflater>(coding == "gzip");
  return nullptr;
}

}  // namespace lookout
