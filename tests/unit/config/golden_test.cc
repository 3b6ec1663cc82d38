// Each bad/NAME.yml has its exact messages in bad/NAME.expected; UPDATE_GOLDEN=1 writes them anew. Each
// good/NAME.yml loads, and what it is printed as loads to the same.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "exporter/config/config.h"

namespace lookout {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string outcome(const std::string& path) {
  const ConfigOrProblems loaded = load_config(path);
  if (std::holds_alternative<std::shared_ptr<const Config>>(loaded)) return "loads\n";
  std::string text;
  for (const Problem& problem : std::get<std::vector<Problem>>(loaded)) text += describe(problem) + "\n";
  return text;
}

std::vector<std::string> cases(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

class WorkingFolder {
 public:
  explicit WorkingFolder(const fs::path& path) : before_(fs::current_path()) { fs::current_path(path); }
  ~WorkingFolder() { fs::current_path(before_); }

 private:
  fs::path before_;
};

class BadConfig : public testing::TestWithParam<std::string> {};

TEST_P(BadConfig, HasItsExactMessages) {
  const WorkingFolder folder(LOOKOUT_CONFIG_CASES "/bad");
  const std::string name = GetParam();
  const std::string problems = outcome(name + ".yml");
  EXPECT_NE(problems, "loads\n");
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(name + ".expected") << problems;
  EXPECT_EQ(problems, content(name + ".expected"));
  EXPECT_EQ(problems.find("hush"), std::string::npos) << "tells a secret";
}

// cfg002_unknown_key_in_dns is case CFG_002 of the conformance suite.
INSTANTIATE_TEST_SUITE_P(Cases, BadConfig, testing::ValuesIn(cases(LOOKOUT_CONFIG_CASES "/bad")),
                         [](const auto& info) {
                           std::string name = info.param;
                           return name.starts_with("cfg") ? "CFG_" + name.substr(3) : name;
                         });

TEST(GoodConfig, Loads) {
  const WorkingFolder folder(LOOKOUT_CONFIG_CASES "/good");
  for (const std::string& name : cases(".")) EXPECT_EQ(outcome(name + ".yml"), "loads\n") << name;
}

TEST(GoodConfig, TheExamplesLoad) {
  for (const std::string& name : cases(LOOKOUT_EXAMPLES)) {
    EXPECT_EQ(outcome(LOOKOUT_EXAMPLES "/" + name + ".yml"), "loads\n") << name;
  }
}

TEST(GoodConfig, LoadsAgainFromWhatIsPrinted) {
  const WorkingFolder folder(LOOKOUT_CONFIG_CASES "/good");
  const fs::path copy = fs::path(testing::TempDir()) / "printed.yml";
  for (const std::string& name : cases(".")) {
    const auto first = std::get<std::shared_ptr<const Config>>(load_config(name + ".yml"));
    EXPECT_EQ(first->printed.find("mysecret"), std::string::npos);
    EXPECT_EQ(first->printed.find("hush"), std::string::npos);
    std::ofstream(copy) << first->printed;
    const ConfigOrProblems again = load_config(copy.string());
    ASSERT_TRUE(std::holds_alternative<std::shared_ptr<const Config>>(again))
        << outcome(copy.string()) << first->printed;
    const auto second = std::get<std::shared_ptr<const Config>>(again);
    EXPECT_EQ(second->modules.size(), first->modules.size()) << name;
    EXPECT_EQ(second->targets.size(), first->targets.size()) << name;
    for (const auto& [module_name, module] : first->modules) {
      if (first->printed.find("<secret>") != std::string::npos) continue;  // a mask is not the secret
      EXPECT_EQ(second->modules.at(module_name)->config, module->config) << name << " " << module_name;
      EXPECT_EQ(second->modules.at(module_name)->timeout, module->timeout) << name << " " << module_name;
    }
    const auto without_note = [](const std::string& text) {
      return text.substr(std::min(text.find("targets:"), text.size()));
    };
    EXPECT_EQ(without_note(second->printed), without_note(first->printed)) << name;
  }
}

}  // namespace
}  // namespace lookout
