#include <chrono>
#include <cstdio>
#include <ctime>
#include <limits>
#include <map>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/support/patience.h"
#include "tests/unit/config/temporary_folder.h"

namespace lookout {
namespace {

using namespace std::chrono_literals;

std::map<std::string, const TargetConfig*> by_name(const Config& config) {
  std::map<std::string, const TargetConfig*> targets;
  for (const auto& target : config.targets) targets[target->name] = target.get();
  return targets;
}

TEST(LoadConfig, CFG_001_ABlackboxFileMeansTheSame) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/blackbox.yml");
  ASSERT_EQ(config->modules.size(), 10u) << "its modules and no others";
  EXPECT_TRUE(config->targets.empty());
  const Module& post = *config->modules.at("http_post_2xx");
  const auto& http = std::get<HttpConfig>(post.config);
  EXPECT_EQ(post.timeout, 5s);
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.client.basic_auth->password.value, "mysecret");
  EXPECT_EQ(http.body_size_limit.bytes, 1 << 20);
  EXPECT_TRUE(http.client.follow_redirects);
  EXPECT_EQ(config->printed.find("mysecret"), std::string::npos);
  const auto& smtp = std::get<TcpConfig>(config->modules.at("smtp_starttls")->config);
  ASSERT_EQ(smtp.query_response.size(), 9u);
  EXPECT_EQ(smtp.query_response[1].send, "EHLO prober\r");
  EXPECT_TRUE(smtp.query_response[5].starttls);
  const auto& dns = std::get<DnsConfig>(config->modules.at("dns_test")->config);
  EXPECT_FALSE(dns.network.ip_protocol_fallback);
  EXPECT_EQ(dns.validate_answer_rrs.fail_if_matches_regexp[0].pattern(), "test");
  EXPECT_EQ(std::get<IcmpConfig>(config->modules.at("icmp_test")->config).ttl, 64);
}

TEST(LoadConfig, AnchorsAndMerges) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/anchors.yml");
  const auto& merged = std::get<HttpConfig>(config->modules.at("merged")->config);
  EXPECT_EQ(config->modules.at("merged")->timeout, 90s);
  EXPECT_EQ(config->modules.at("copy")->timeout, 5s);
  EXPECT_EQ(merged.method, "POST");
  EXPECT_EQ(merged.valid_status_codes, (std::vector<int>{200, 201, 202}));
  EXPECT_FALSE(merged.client.follow_redirects);
}

TEST(LoadConfig, OddButGoodValues) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/typing.yml");
  const Module& module = *config->modules.at("odd_but_well");
  const auto& http = std::get<HttpConfig>(module.config);
  EXPECT_EQ(module.timeout, 0s);
  EXPECT_EQ(http.method, "12");
  EXPECT_EQ(http.no_follow_redirects, true);
  EXPECT_EQ(http.headers, (std::map<std::string, std::string>{{"X-Number", "007"}, {"X-Empty", ""}}));
  EXPECT_EQ(http.body, "Hello");
  EXPECT_FALSE(http.client.basic_auth);
  EXPECT_EQ(std::get<DnsConfig>(config->modules.at("dns_without_block")->config).query_name, "");
  EXPECT_EQ(std::get<HttpConfig>(config->modules.at("unlimited")->config).body_size_limit.bytes,
            std::numeric_limits<std::int64_t>::max());
}

TEST(LoadConfig, BuiltInModulesStandInOnlyForAFileWithoutModules) {
  EXPECT_FALSE(default_config()->modules.empty());
  EXPECT_EQ(load(LOOKOUT_CONFIG_CASES "/good/null_document.yml")->modules.size(),
            default_config()->modules.size());
  EXPECT_TRUE(load(LOOKOUT_CONFIG_CASES "/good/modules_null.yml")->modules.empty());
}

TEST(LoadConfig, DefaultConfigLoadsAgain) {
  const TemporaryFolder folder;
  const auto config = default_config();
  const auto again = load(folder.write("printed.yml", config->printed));
  ASSERT_EQ(again->modules.size(), config->modules.size());
  for (const auto& [name, module] : config->modules)
    EXPECT_EQ(again->modules.at(name)->config, module->config) << name;
}

TEST(LoadConfig, TargetsTakeDefaultsFieldByField) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/targets.yml");
  const auto targets = by_name(*config);
  const TargetConfig& plain = *targets.at("all-defaults");
  EXPECT_EQ(plain.interval, 20s);
  EXPECT_EQ(plain.timeout, 10s);
  EXPECT_EQ(plain.failure_threshold, 5);
  EXPECT_EQ(plain.success_threshold, 2);
  EXPECT_EQ(plain.severity, Severity::info);
  EXPECT_EQ(plain.mode, TargetMode::interval);
  EXPECT_EQ(plain.module->name, "http_2xx");
  EXPECT_EQ(plain.labels, (std::map<std::string, std::string>{{"team", "shop"}, {"region", "eu"}}));
  const TargetConfig& full = *targets.at("everything");
  EXPECT_EQ(full.module->name, "tcp_connect");
  EXPECT_EQ(full.mode, TargetMode::scrape);
  EXPECT_EQ(full.timeout, 2min);
  EXPECT_EQ(full.severity, Severity::critical);
  EXPECT_EQ(full.degraded_above, 500ms);
  EXPECT_EQ(full.labels,
            (std::map<std::string, std::string>{{"team", "demo"}, {"region", "eu"}, {"x_1", "yes"}}));
  EXPECT_EQ(full.runbook_url, "https://example.org/runbooks/mockoon");
  EXPECT_EQ(targets.at("shorter")->timeout, 3s) << "an inherited timeout gives way to a shorter interval";
}

// Who sets nothing gets thresholds that a single lost packet does not cross.
TEST(LoadConfig, UnsetThresholdsAreTheCautiousOnes) {
  const TemporaryFolder folder;
  const auto config =
      load(folder.write("lookout.yml", "targets: [{name: web, address: 'http://a.example'}]"));
  const TargetConfig& web = *by_name(*config).at("web");
  EXPECT_EQ(web.failure_threshold, 3);
  EXPECT_EQ(web.success_threshold, 2);
  EXPECT_EQ(web.severity, Severity::warning);
  EXPECT_LE(web.timeout, web.interval);
}

TEST(LoadConfig, FilesOfTargetsInBothForms) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/targets.yml");
  std::vector<std::string> names;
  for (const auto& target : config->targets) names.push_back(target->name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"all-defaults", "everything", "shorter", "http://user:xxxxx@a:3/",
                                      "a:4", "by-label", "own-list", "own-mapping", "http://a:6/"}));
  const auto targets = by_name(*config);
  const TargetConfig& login = *targets.at("http://user:xxxxx@a:3/");
  EXPECT_EQ(login.address, "http://user:hush@a:3/");
  EXPECT_EQ(login.module_name, "tcp_connect");
  EXPECT_EQ(login.severity, Severity::critical);
  EXPECT_EQ(login.interval, 7s);
  EXPECT_EQ(login.timeout, 7s);
  EXPECT_EQ(login.labels,
            (std::map<std::string, std::string>{{"team", "shop"}, {"region", "eu"}, {"job", "sd"}}));
  EXPECT_EQ(targets.at("by-label")->address, "a:5");
  EXPECT_EQ(targets.at("by-label")->timeout, 1s);
  EXPECT_EQ(targets.at("by-label")->labels.at("team"), "other");
  EXPECT_EQ(targets.at("own-mapping")->interval, 1min);
  EXPECT_EQ(targets.at("own-mapping")->severity, Severity::info);
  EXPECT_EQ(targets.at("http://a:6/")->labels.at("env"), "prod");
  const std::string folder = LOOKOUT_CONFIG_CASES "/good/";
  EXPECT_EQ(config->files,
            (std::vector<std::string>{folder + "targets.yml", folder + "targets.d/empty.yml",
                                      folder + "targets.d/groups.yml", folder + "targets.d/own.yml",
                                      folder + "targets.d/shape.yml", folder + "targets.d/groups.json",
                                      folder + "targets.d", folder + "none"}));
}

TEST(LoadConfig, TheMainFileIsNeverAFileOfTargets) {
  const TemporaryFolder folder;
  const std::string main = folder.write("lookout.yml", "target_files: ['*.yml', '*']\n");
  folder.write("more.yml", "- {name: a, address: b}\n");
  EXPECT_EQ(load(main)->targets.size(), 1u);
}

TEST(LoadConfig, ModulesOfSeveralFiles) {
  const TemporaryFolder folder;
  const std::string main = folder.write("lookout.yml",
                                        "modules: {own: {prober: icmp}}\nmodule_files: [m/*.yml]\ntargets: "
                                        "[{name: a, address: b, module: two}]\n");
  folder.write("m/one.yml", "modules: {one: {prober: http}}\n");
  folder.write("m/two.yml", "modules: {two: {prober: tcp, timeout: 3s}}\n");
  folder.write("m/zero.yml", "# nothing yet\nmodules:\n");
  const auto config = load(main);
  ASSERT_EQ(config->modules.size(), 3u);
  EXPECT_EQ(config->modules.at("two")->timeout, 3s);
  EXPECT_EQ(by_name(*config).at("a")->module, config->modules.at("two"));
  EXPECT_EQ(files_of_modules(main).size(), 4u);
  EXPECT_EQ(config->fingerprint, config_fingerprint(main));
  folder.write("m/two.yml", "modules: {two: {prober: tcp, timeout: 4s}}\n");
  EXPECT_NE(config->fingerprint, config_fingerprint(main));
}

TEST(LoadConfig, ModuleFilesReplaceTheBuiltInModules) {
  const TemporaryFolder folder;
  const std::string main = folder.write("lookout.yml", "module_files: [m.yml]\n");
  folder.write("m.yml", "modules: {one: {prober: http}}\n");
  EXPECT_EQ(load(main)->modules.size(), 1u);
}

TEST(LoadConfig, ModulesOfOneNameAreToldWithBothPlaces) {
  const TemporaryFolder folder;
  const std::string main =
      folder.write("lookout.yml", "modules:\n  a: {prober: icmp}\nmodule_files: [m/*.yml]\n");
  const std::string one = folder.write("m/1.yml", "modules:\n  b: {prober: icmp}\n  a: {prober: icmp}\n");
  const std::string two = folder.write("m/2.yml", "modules: {b: {prober: icmp}}\ntargets: []\n");
  EXPECT_EQ(problems_of(main), one + ":3:3: the name \"a\" is taken by the module at " + main +
                                   ":2:3; give every module a name of its own\n" + two +
                                   ":1:11: the name \"b\" is taken by the module at " + one +
                                   ":2:3; give every module a name of its own\n" + two +
                                   ":2:1: unknown key \"targets\"\n");
}

// Sets a variable for one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(LoadConfig, VariablesOfTheEnvironmentInValues) {
  const Variable host("LOOKOUT_TEST_HOST", "db.example"), seconds("LOOKOUT_TEST_SECONDS", "7"),
      empty("LOOKOUT_TEST_EMPTY", ""), password("LOOKOUT_TEST_PASSWORD", "hush");
  const TemporaryFolder folder;
  const std::string main = folder.write("lookout.yml", R"(expand_environment: true
modules:
  ${LOOKOUT_TEST_HOST}:
    prober: http
    timeout: ${LOOKOUT_TEST_SECONDS}s
    http:
      valid_status_codes:
        - 20${LOOKOUT_TEST_SECONDS}
      method: ${LOOKOUT_TEST_NOTHING:-POST}
      body: "${LOOKOUT_TEST_EMPTY:-none} ${LOOKOUT_TEST_EMPTY} $${LOOKOUT_TEST_HOST} ${1} $x $ {y}"
      basic_auth: {username: a, password: "${LOOKOUT_TEST_PASSWORD}"}
target_files: ["${LOOKOUT_TEST_HOST}/*.yml"]
)");
  folder.write("db.example/t.yml",
               "- {name: a, address: '${LOOKOUT_TEST_HOST}', module: '$${LOOKOUT_TEST_HOST}'}\n");
  const auto config = load(main);
  const Module& module = *config->modules.at("${LOOKOUT_TEST_HOST}");
  const auto& http = std::get<HttpConfig>(module.config);
  EXPECT_EQ(module.timeout, 7s);
  EXPECT_EQ(http.valid_status_codes, std::vector<int>{207});
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.body, "none  ${LOOKOUT_TEST_HOST} ${1} $x $ {y}");
  EXPECT_EQ(http.client.basic_auth->password.value, "hush");
  EXPECT_EQ(config->printed.find("hush"), std::string::npos);
  EXPECT_EQ(by_name(*config).at("a")->address, "db.example");
  EXPECT_EQ(config->fingerprint, config_fingerprint(main));
}

TEST(LoadConfig, VariablesThatAreNotThereAreTold) {
  const TemporaryFolder folder;
  const std::string main =
      folder.write("lookout.yml",
                   "modules: {a: {prober: http, http: {method: '${LOOKOUT_TEST_NOTHING}', body: 'a ${b "
                   "c}'}}}\nexpand_environment: yes\n");
  EXPECT_EQ(
      problems_of(main),
      main +
          ":1:44: the environment has no variable \"LOOKOUT_TEST_NOTHING\"; set it, write "
          "${LOOKOUT_TEST_NOTHING:-default}, or $${LOOKOUT_TEST_NOTHING} for the text itself\n" +
          main +
          ":1:77: ${b begins no variable; write ${b} or ${b:-default}, or $${ for these two characters\n");
}

TEST(LoadConfig, VariablesStayAloneUnlessAskedFor) {
  const TemporaryFolder folder;
  const auto config =
      load(folder.write("lookout.yml", "modules: {a: {prober: http, http: {body: '${HOME} $${x}'}}}\n"));
  EXPECT_EQ(std::get<HttpConfig>(config->modules.at("a")->config).body, "${HOME} $${x}");
}

TEST(Fingerprint, ChangesExactlyWithTheContent) {
  const TemporaryFolder folder;
  constexpr std::string_view kText = "modules: {a: {prober: http}}\ntarget_files: [d/*.yml]\n";
  const std::string main = folder.write("lookout.yml", kText);
  const std::string first = config_fingerprint(main);
  EXPECT_EQ(first.size(), 64u);
  EXPECT_EQ(load(main)->fingerprint, first);

  folder.write("lookout.yml", std::string(kText) + "# more\n");
  EXPECT_NE(config_fingerprint(main), first);
  folder.write("lookout.yml", "");
  EXPECT_NE(config_fingerprint(main), first);
  folder.write("lookout.yml", kText);
  EXPECT_EQ(config_fingerprint(main), first);

  const std::string more = folder.write("d/more.yml", "- {name: a, address: b, module: a}\n");
  const std::string with_more = config_fingerprint(main);
  EXPECT_NE(with_more, first);
  EXPECT_EQ(load(main)->fingerprint, with_more);
  folder.write("d/more.yml", "- {name: b, address: b, module: a}\n");
  EXPECT_NE(config_fingerprint(main), with_more);
  folder.write("d/ignored.txt", "x");
  folder.write("d/more.yml", "- {name: a, address: b, module: a}\n");
  EXPECT_EQ(config_fingerprint(main), with_more);
  std::filesystem::remove(more);
  EXPECT_EQ(config_fingerprint(main), first);
}

TEST(LoadConfig, FiveThousandTargetsLoadInWellUnderTwoSecondsOfProcessorTime) {
  const TemporaryFolder folder;
  std::string text = "target_defaults: {interval: 15s, labels: {team: shop}}\ntargets:\n";
  for (int index = 0; index < 5000; ++index) {
    const std::string number = std::to_string(index);
    text +=
        "  - name: target-" + number + "\n    address: http://127.0.0.1:" + number +
        "/health\n    module: http_2xx\n" +
        "    severity: critical\n    failure_threshold: 2\n    degraded_above: 500ms\n    labels: {row: \"" +
        number + "\"}\n";
  }
  const std::string main = folder.write("lookout.yml", text);
  const std::clock_t start = std::clock();  // processor time: what else runs on the machine does not count
  const auto config = load(main);
  const double spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_EQ(config->targets.size(), 5000u);
  EXPECT_LT(spent, 2 * test::kPatience);
  std::printf("5000 targets, %zu bytes: %.3f s of processor time\n", text.size(), spent);
}

}  // namespace
}  // namespace lookout
