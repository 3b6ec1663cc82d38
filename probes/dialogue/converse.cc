#include "probes/dialogue/converse.h"

#include <fmt/format.h>

#include "probes/core/text.h"

namespace lookout {
namespace {

constexpr std::size_t kReadAtOnce = 4096;

// Bytes that came, from the stream and not yet used.
class Input {
 public:
  explicit Input(Stream& stream) : stream_(stream) {}

  std::string_view bytes() const { return std::string_view(buffer_).substr(used_); }
  void use(std::size_t size) { used_ += size; }
  void drop() {
    buffer_.clear();
    used_ = 0;
  }

  // False: the peer closed, now or before.
  Task<Attempt<bool>> more(ProbeRun& run) {
    if (closed_) co_return false;
    buffer_.erase(0, used_);
    used_ = 0;
    const std::size_t size = buffer_.size();
    buffer_.resize(size + kReadAtOnce);
    Attempt<std::size_t> received = co_await stream_.read_some(run, std::span(buffer_).subspan(size));
    buffer_.resize(size + (received ? *received : 0));
    if (!received) co_return received.error();
    closed_ = *received == 0;
    co_return !closed_;
  }

 private:
  Stream& stream_;
  std::string buffer_;
  std::size_t used_ = 0;
  bool closed_ = false;
};

// One line without its end; nullopt: the peer closed and nothing is left.
using Line = std::optional<std::string>;

std::string without_end(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return std::string(line);
}

Task<Attempt<Line>> read_line(ProbeRun& run, Input& input) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view bytes = input.bytes();
    const std::size_t end = bytes.find('\n', searched);
    if (std::min(end, bytes.size()) > kMaximumLine) {
      co_return run.fail(Cause::limit, fmt::format("a line is longer than {} bytes", kMaximumLine));
    }
    if (end != std::string_view::npos) {
      std::string line = without_end(bytes.substr(0, end));
      input.use(end + 1);
      co_return Line(std::move(line));
    }
    searched = bytes.size();
    const Attempt<bool> more = co_await input.more(run);
    if (!more) co_return more.error();
    if (*more) continue;
    if (input.bytes().empty()) co_return Line();
    std::string line = without_end(input.bytes());
    input.use(input.bytes().size());
    co_return Line(std::move(line));
  }
}

Failure no_line_matches(ProbeRun& run, const Regex& pattern, int lines, const std::string& last) {
  run.facts.set(kFailedDueToRegex, 1);
  if (lines == 0)
    return run.fail(Cause::closed, fmt::format("the peer closed; expected {}", in_quotes(pattern.pattern())));
  run.enter(Stage::match);
  return run.fail(Cause::mismatch,
                  fmt::format("the peer closed, and none of its {} lines matches {}; the last was {}", lines,
                              in_quotes(pattern.pattern()), in_quotes(one_line(last, kShownOfMessage))));
}

// The groups of the first line that matches.
Task<Attempt<std::vector<std::string>>> expect_line(ProbeRun& run, Input& input, const Regex& pattern) {
  run.enter(Stage::response);
  std::string last;
  for (int lines = 0;; ++lines) {
    Attempt<Line> line = co_await read_line(run, input);
    if (!line) co_return line.error();
    if (!*line) co_return no_line_matches(run, pattern, lines, last);
    last = std::move(**line);
    if (std::optional<std::vector<std::string>> groups = pattern.groups(last)) {
      note_match(run, last);
      run.facts.set(kFailedDueToRegex, 0);
      co_return std::move(*groups);
    }
  }
}

Task<Outcome> expect_bytes(ProbeRun& run, Input& input, std::string_view wanted) {
  run.enter(Stage::response);
  for (;;) {
    const std::string_view got = input.bytes().substr(0, wanted.size());
    if (!wanted.starts_with(got)) {
      run.facts.set(kFailedDueToBytes, 1);
      run.enter(Stage::match);
      co_return run.fail(Cause::mismatch,
                         fmt::format("expected the bytes {}, got {}", in_quotes(wanted), in_quotes(got)));
    }
    if (got.size() == wanted.size()) break;
    const Attempt<bool> more = co_await input.more(run);
    if (!more) co_return more.error();
    if (!*more) {
      co_return run.fail(Cause::closed, fmt::format("the peer closed after {} of {} bytes",
                                                    input.bytes().size(), wanted.size()));
    }
  }
  input.use(wanted.size());
  run.facts.set(kFailedDueToBytes, 0);
  co_return std::nullopt;
}

Task<Outcome> take_step(ProbeRun& run, Stream& stream, Input& input, const QueryResponse& step,
                        const StartTls& tls, ExpectInfo& info) {
  std::vector<std::string> groups;
  if (step.expect) {
    Attempt<std::vector<std::string>> matched = co_await expect_line(run, input, *step.expect);
    if (!matched) co_return matched.error();
    groups = std::move(*matched);
    info.set(step, groups);
  }
  if (!step.expect_bytes.empty()) {
    if (Outcome failure = co_await expect_bytes(run, input, step.expect_bytes)) co_return failure;
  }
  std::string text = step.payload(groups);
  if (!text.empty()) {
    run.enter(Stage::request);
    if (step.ends_with_newline()) text += '\n';
    if (Outcome failure = co_await stream.write_all(run, text)) co_return failure;
  }
  if (step.starttls) {
    // Bytes that came in the clear must not count as said under TLS.
    input.drop();
    co_return co_await secure(run, stream, *tls.config, tls.server_name);
  }
  co_return std::nullopt;
}

}  // namespace

Task<Outcome> converse(ProbeRun& run, Stream& stream, const std::vector<QueryResponse>& steps, StartTls tls) {
  run.facts.set(kFailedDueToRegex, 0);
  run.facts.set(kFailedDueToBytes, 0);
  ExpectInfo info(run.facts);
  Input input(stream);
  for (const QueryResponse& step : steps) {
    if (Outcome failure = co_await take_step(run, stream, input, step, tls, info)) co_return failure;
  }
  co_return std::nullopt;
}

}  // namespace lookout
