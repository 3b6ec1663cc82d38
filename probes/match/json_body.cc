#include "probes/match/json_body.h"

#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t kLongestNumber = 1000;  // in digits; far beyond what any double needs

struct Frame {
  std::vector<cel::Value> items;
  std::vector<std::pair<cel::Value, cel::Value>> entries;
};

// What the parser calls. Its own numbers are not exact to the last digit, so they are read here.
struct Handler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  std::vector<Frame> frames;
  std::vector<cel::Value> keys;  // read, still waiting for their values
  std::string part;              // of a text or number in progress
  std::optional<cel::Value> root;
  std::size_t memory = 0;
  std::string refusal;  // why we stop, if not because of the text
  bool too_much = false;

  bool refuse(std::string reason, bool limit, error_code& ec) {
    refusal = std::move(reason);
    too_much = limit;
    ec = json::make_error_code(json::error::syntax);
    return false;
  }

  bool take(cel::Value value, std::size_t size, error_code& ec) {
    memory += sizeof(value) + size;
    if (memory > JsonBody::kMostMemory) {
      return refuse(fmt::format("its values take more than {} MiB", JsonBody::kMostMemory >> 20), true, ec);
    }
    if (frames.empty()) {
      root = std::move(value);
    } else if (in_object.back()) {
      frames.back().entries.emplace_back(std::move(keys.back()), std::move(value));
      keys.pop_back();
    } else {
      frames.back().items.push_back(std::move(value));
    }
    return true;
  }

  bool open(bool object) {
    frames.emplace_back();
    in_object.push_back(object);
    return true;
  }

  bool close(error_code& ec) {
    Frame frame = std::move(frames.back());
    const bool object = in_object.back();
    frames.pop_back();
    in_object.pop_back();
    constexpr std::size_t kBlock = 64;  // of the allocator's and of the count's
    return take(object ? cel::map_value(std::move(frame.entries)) : cel::list_value(std::move(frame.items)),
                kBlock, ec);
  }

  bool append(json::string_view text, error_code& ec) {
    part.append(text.data(), text.size());
    if (part.size() > JsonBody::kMostMemory) return refuse("a text in it is too long", true, ec);
    return true;
  }

  cel::Value finished_text() {
    std::string text = is_utf8(part) ? part : to_utf8(part);
    part.clear();
    return cel::text_value(std::move(text));
  }

  bool number(json::string_view last, error_code& ec) {
    if (part.size() + last.size() > kLongestNumber) return refuse("a number in it is too long", true, ec);
    part.append(last.data(), last.size());
    double value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error == std::errc::result_out_of_range) {
      const std::size_t exponent = part.find_first_of("eE");
      const bool tiny = exponent != std::string::npos && part[exponent + 1] == '-';
      if (!tiny) return refuse("a number in it is beyond what a double holds", false, ec);
      value = 0;
    }
    part.clear();
    return take({value}, 0, ec);
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open(true); }
  bool on_object_end(std::size_t, error_code& ec) { return close(ec); }
  bool on_array_begin(error_code&) { return open(false); }
  bool on_array_end(std::size_t, error_code& ec) { return close(ec); }
  bool on_key_part(json::string_view text, std::size_t, error_code& ec) { return append(text, ec); }
  bool on_key(json::string_view text, std::size_t, error_code& ec) {
    if (!append(text, ec)) return false;
    memory += sizeof(cel::Value) + kTextBlock + part.size();
    keys.push_back(finished_text());
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, error_code& ec) { return append(text, ec); }
  bool on_string(json::string_view text, std::size_t, error_code& ec) {
    if (!append(text, ec)) return false;
    const std::size_t size = kTextBlock + part.size();
    return take(finished_text(), size, ec);
  }
  bool on_number_part(json::string_view text, error_code& ec) { return append(text, ec); }
  bool on_int64(std::int64_t, json::string_view text, error_code& ec) { return number(text, ec); }
  bool on_uint64(std::uint64_t, json::string_view text, error_code& ec) { return number(text, ec); }
  bool on_double(double, json::string_view text, error_code& ec) { return number(text, ec); }
  bool on_bool(bool value, error_code& ec) { return take({value}, 0, ec); }
  bool on_null(error_code& ec) { return take({}, 0, ec); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  static constexpr std::size_t kTextBlock = 64;
  std::vector<bool> in_object;
};

json::parse_options options() {
  json::parse_options options;
  options.max_depth = JsonBody::kDeepest;
  options.allow_invalid_utf8 = true;  // repaired, as Go does
  return options;
}

}  // namespace

struct JsonBody::Reading {
  json::basic_parser<Handler> parser{options()};
  error_code error;
  std::size_t size = 0;
  bool trailing = false;
};

JsonBody::JsonBody() : reading_(std::make_unique<Reading>()) {}
JsonBody::~JsonBody() = default;

bool JsonBody::feed(std::string_view slice) {
  Reading& reading = *reading_;
  if (reading.error || reading.trailing) return false;
  const std::size_t read = reading.parser.write_some(true, slice.data(), slice.size(), reading.error);
  reading.size += read;
  // After the document the parser takes blanks only, and leaves what is none.
  if (!reading.error && read < slice.size()) reading.trailing = true;
  return !reading.error && !reading.trailing;
}

cel::Result<cel::Value> JsonBody::finish() {
  Reading& reading = *reading_;
  if (!reading.error && !reading.trailing) reading.parser.write_some(false, nullptr, 0, reading.error);
  Handler& handler = reading.parser.handler();
  if (!handler.refusal.empty())
    return cel::Error{fmt::format("the body is no usable JSON: {}", handler.refusal), handler.too_much};
  if (reading.error == json::error::too_deep) {
    return cel::Error{fmt::format("the body is JSON of more than {} levels", kDeepest), true};
  }
  if (reading.trailing)
    return cel::Error{
        fmt::format("the body is JSON followed by something else, at byte {}", reading.size + 1)};
  if (reading.error || !handler.root) {
    return cel::Error{reading.size == 0 ? "the body is no JSON: it is empty or begins as none"
                                        : fmt::format("the body is no JSON, at byte {}", reading.size + 1)};
  }
  return std::move(*handler.root);
}

cel::Result<cel::Value> parse_json(std::string_view text) {
  JsonBody body;
  body.feed(text);
  return body.finish();
}

}  // namespace lookout
