// Undoes what compression did to a body, piece by piece as it arrives: gzip, of several members, too; deflate
// with and without zlib's frame; br. Pure. Bounds nothing: who calls it decides how much to decode at once.
#pragma once

#include <memory>
#include <span>
#include <string_view>

namespace lookout {

class ContentDecoder {
 public:
  virtual ~ContentDecoder() = default;
  // nullptr: no coding that is known.
  static std::unique_ptr<ContentDecoder> of(std::string_view coding);

  // Moves the start of both past what it took and wrote. A filled output means that there may be more to come
  // of what was taken already. False: this is not what the coding allows.
  virtual bool decode(std::string_view& input, std::span<char>& output) = 0;
  // Whether the body may end here.
  virtual bool complete() const = 0;
};

}  // namespace lookout
