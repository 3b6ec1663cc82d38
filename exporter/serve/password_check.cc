#include "exporter/serve/password_check.h"

#include <array>
#include <list>
#include <map>
#include <thread>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace lookout {
namespace {

constexpr std::size_t kMostWaiting = 64;      // different questions; a second or ten of work
constexpr std::size_t kMostRemembered = 256;  // of each answer
constexpr std::size_t kHashSize = 60;
constexpr int kHighestCost = 18;  // some 20 s a check

using Digest = std::array<unsigned char, 32>;

std::optional<int> cost_of(std::string_view hash) {
  constexpr std::string_view kDigits = "0123456789";
  if (hash.size() != kHashSize || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$' ||
      std::string_view("abxy").find(hash[2]) == std::string_view::npos ||
      kDigits.find(hash[4]) == std::string_view::npos || kDigits.find(hash[5]) == std::string_view::npos ||
      hash.find_first_not_of("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 7) !=
          std::string_view::npos) {
    return std::nullopt;
  }
  return (hash[4] - '0') * 10 + (hash[5] - '0');
}

// The newest answers of one kind.
class Remembered {
 public:
  bool has(const Digest& question) const { return known_.contains(question); }
  void add(const Digest& question) {
    if (known_.contains(question)) return;
    if (order_.size() >= kMostRemembered) {
      known_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(question);
    known_.emplace(question, true);
  }

 private:
  std::map<Digest, bool> known_;
  std::list<Digest> order_;
};

}  // namespace

std::optional<std::string> what_is_wrong_with_hash(std::string_view hash) {
  const std::optional<int> cost = cost_of(hash);
  if (!cost) return "this is no bcrypt hash; make one with: htpasswd -nBC 10 \"\" | tr -d ':\\n'";
  if (*cost < 4 || *cost > 31) return "a bcrypt hash has a cost from 4 to 31";
  if (*cost > kHighestCost) return "a hash of this cost takes minutes to check; make one of a cost up to 18";
  return std::nullopt;
}

bool password_fits(const std::string& password, const std::string& hash) {
  if (password.find('\0') != std::string::npos) return false;  // the library's texts end there
  std::string known = hash;
  known[2] = 'b';  // all variants count as the correct algorithm, as Go has it
  const auto room = std::make_unique<crypt_data>();
  const char* made = crypt_r(password.c_str(), known.c_str(), room.get());
  const bool fits = made != nullptr && std::string_view(made).size() == known.size() &&
                    CRYPTO_memcmp(made, known.data(), known.size()) == 0;
  OPENSSL_cleanse(room.get(), sizeof *room);
  return fits;
}

std::optional<Credentials> parse_basic_auth(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!boost::algorithm::istarts_with(authorization, kScheme)) return std::nullopt;
  authorization.remove_prefix(kScheme.size());
  if (authorization.empty() || authorization.size() % 4 != 0 || authorization.size() > 4096)
    return std::nullopt;
  const std::size_t end = authorization.find_last_not_of('=');
  const std::size_t padding = authorization.size() - 1 - end;  // all of it, where there is nothing else
  if (end == std::string_view::npos || padding > 2) return std::nullopt;
  std::string text(authorization.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(authorization.data()),
                      static_cast<int>(authorization.size())) < 0) {
    return std::nullopt;
  }
  text.resize(text.size() - padding);
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{text.substr(0, colon), text.substr(colon + 1)};
}

struct PasswordCheck::State : std::enable_shared_from_this<State> {
  explicit State(Executor main_) : main(main_) { RAND_bytes(secret.data(), static_cast<int>(secret.size())); }

  struct Question {
    std::list<Timer> waiters;  // cancelled, and thereby woken, when the answer is there
    std::optional<bool> fits;
  };

  // What is remembered are digests of a key that only this process has.
  Digest digest(const std::string& password, const std::string& hash) const {
    Digest made{};
    const std::string text = hash + password;  // a hash has one length
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), made.data(), nullptr);
    return made;
  }
  std::shared_ptr<Question> put(const Digest& key, std::string password, std::string hash);
  void answered(const Digest& key, bool fits);

  Executor main;
  std::array<unsigned char, 32> secret{};
  Remembered right, wrong;
  std::map<Digest, std::shared_ptr<Question>> waiting;
  asio::io_context worker{1};
  asio::executor_work_guard<Executor> keep_running{worker.get_executor()};
  bool stopped = false;
  std::thread thread;  // started by the first question
};

std::shared_ptr<PasswordCheck::State::Question> PasswordCheck::State::put(const Digest& key,
                                                                          std::string password,
                                                                          std::string hash) {
  if (!thread.joinable()) thread = std::thread([this] { worker.run(); });
  auto question = std::make_shared<Question>();
  waiting.emplace(key, question);
  asio::post(worker, [self = weak_from_this(), back = main, key, password = std::move(password),
                      hash = std::move(hash)]() mutable {
    const bool fits = password_fits(password, hash);
    OPENSSL_cleanse(password.data(), password.size());
    asio::post(back, [self = std::move(self), key, fits] {
      if (const auto state = self.lock()) state->answered(key, fits);
    });
  });
  return question;
}

void PasswordCheck::State::answered(const Digest& key, bool fits) {
  (fits ? right : wrong).add(key);
  const auto found = waiting.find(key);
  const std::shared_ptr<Question> question = found->second;
  waiting.erase(found);
  question->fits = fits;
  for (Timer& waiter : question->waiters) waiter.cancel();
}

PasswordCheck::PasswordCheck(Executor main) : state_(std::make_shared<State>(main)) {}

PasswordCheck::~PasswordCheck() { stop(); }

void PasswordCheck::stop() {
  state_->stopped = true;
  state_->worker.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

Task<PasswordCheck::Answer> PasswordCheck::ask(std::string password, std::string hash) {
  const std::shared_ptr<State> state = state_;
  const Digest key = state->digest(password, hash);
  if (state->right.has(key)) co_return Answer::right;
  if (state->wrong.has(key)) co_return Answer::wrong;
  const auto asked = state->waiting.find(key);
  std::shared_ptr<State::Question> question;
  if (asked != state->waiting.end()) {
    question = asked->second;
  } else if (state->waiting.size() >= kMostWaiting || state->stopped) {
    co_return Answer::busy;
  } else {
    question = state->put(key, std::move(password), std::move(hash));
  }
  const auto waiter = question->waiters.emplace(question->waiters.end(), state->main, SteadyTime::max());
  co_await waiter->async_wait(use_tuple);
  question->waiters.erase(waiter);
  co_return question->fits.value_or(false) ? Answer::right : Answer::wrong;
}

}  // namespace lookout
