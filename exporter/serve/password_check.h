// Passwords against bcrypt hashes. One check takes a tenth of a second and more, by design, so it runs on a
// thread of its own and its outcome is remembered, within bounds; the same question asked at the same time is
// answered once. Everything public is called on the main loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "probes/core/clock.h"
#include "probes/core/task.h"

namespace lookout {

// nullopt: a bcrypt hash that can be checked. The message does not repeat the text.
std::optional<std::string> what_is_wrong_with_hash(std::string_view hash);
// As the library does it, on the caller's thread.
bool password_fits(const std::string& password, const std::string& hash);

struct Credentials {
  std::string user, password;
};
// "Basic dXNlcjpwYXNz" (RFC 7617); nullopt: nothing of that form.
std::optional<Credentials> parse_basic_auth(std::string_view authorization);

class PasswordCheck {
 public:
  enum class Answer { right, wrong, busy };

  explicit PasswordCheck(Executor main);
  ~PasswordCheck();
  void stop();  // waits for the check under way, forgets the others; while the main loop is still there
  // `busy`: too many different passwords wait to be checked.
  Task<Answer> ask(std::string password, std::string hash);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lookout
