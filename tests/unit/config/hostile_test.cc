// Whatever the bytes of a configuration are: an answer in bounded time, and no crash.
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/config/temporary_folder.h"

namespace lookout {
namespace {

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(HostileConfig, MutatedFilesNeverCrash) {
  const TemporaryFolder folder;
  std::mt19937 random(7);
  const auto upto = [&](std::size_t count) { return static_cast<std::size_t>(random()) % count; };
  constexpr std::string_view kPieces[] = {":",   "- ",  "{",    "}",        "[",    "]",
                                          "'",   "\"",  "&a ",  "*a",       "<<: ", "!!binary ",
                                          "~",   "|\n", "\n",   "  ",       "null", "999999999999999999999",
                                          "-1s", "\t",  "\xFF", "targets:", "#",    "{}"};
  for (const char* name :
       {"/good/blackbox.yml", "/good/targets.yml", "/good/anchors.yml", "/good/targets.d/groups.yml"}) {
    const std::string original = content(LOOKOUT_CONFIG_CASES + std::string(name));
    for (int round = 0; round < 150; ++round) {
      std::string text = original;
      for (std::size_t change = upto(4) + 1; change > 0; --change) {
        const std::size_t at = upto(text.size());
        switch (upto(3)) {
          case 0:
            text.erase(at, upto(40));
            break;
          case 1:
            text.insert(at, kPieces[upto(std::size(kPieces))]);
            break;
          default:
            text[at] = static_cast<char>(random());
            break;
        }
        if (text.empty()) text = " ";
      }
      const std::string main = folder.write("lookout.yml", text);
      const ConfigOrProblems loaded = load_config(main);
      if (const auto* problems = std::get_if<std::vector<Problem>>(&loaded)) {
        ASSERT_FALSE(problems->empty());
        for (const Problem& problem : *problems) ASSERT_FALSE(problem.message.empty());
      }
      EXPECT_FALSE(config_fingerprint(main).empty());
    }
  }
}

TEST(HostileConfig, MutatedFilesOfTargetsNeverCrash) {
  const TemporaryFolder folder;
  const std::string main = folder.write("lookout.yml", "target_files: [d/*]\n");
  std::mt19937 random(8);
  const std::string original = content(LOOKOUT_CONFIG_CASES "/good/targets.d/groups.yml");
  constexpr std::string_view kAlphabet = " \n:-[]{}&*!|>'\"#,~a1";
  for (int round = 0; round < 300; ++round) {
    std::string text = original;
    for (int change = 0; change < 3; ++change)
      text[random() % text.size()] = kAlphabet[random() % kAlphabet.size()];
    folder.write("d/groups.yml", text);
    load_config(main);
  }
}

TEST(HostileConfig, AliasesOfModulesAreBounded) {
  const TemporaryFolder folder;
  std::string text = "modules:\n  m0: &m\n    prober: http\n    http: {headers: {";
  for (int index = 0; index < 5000; ++index) text += "h" + std::to_string(index) + ": x, ";
  text += "}}\n";
  for (int index = 1; index < 5000; ++index) text += "  m" + std::to_string(index) + ": *m\n";
  EXPECT_NE(problems_of(folder.write("lookout.yml", text)).find("aliases written out"), std::string::npos);
}

TEST(HostileConfig, ProblemsAreCounted) {
  const TemporaryFolder folder;
  std::string text = "targets:\n";
  for (int index = 0; index < 3000; ++index) text += "  - x\n";
  const std::string main = folder.write("lookout.yml", text);
  const auto problems = std::get<std::vector<Problem>>(load_config(main));
  ASSERT_EQ(problems.size(), 1001u);
  EXPECT_EQ(describe(problems.back()), main + ": 2000 more problems");
}

}  // namespace
}  // namespace lookout
