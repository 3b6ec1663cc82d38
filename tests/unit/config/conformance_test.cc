// What of a configuration loads and what does not, case by case as blackbox_exporter has it; and when its
// content counts as changed. The cases that are refused with exact words are those of bad/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/temporary_folder.h"

namespace lookout {
namespace {

using testing::HasSubstr;

TEST(ConfigConformance, CFG_025_no_password_is_printed) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/blackbox.yml");
  EXPECT_THAT(config->printed, HasSubstr("username: username"));
  EXPECT_THAT(config->printed, HasSubstr("<secret>"));
  EXPECT_EQ(config->printed.find("mysecret"), std::string::npos);
}

// Its example file does not load there, for the headers of its websocket are texts; here one like it does.
TEST(ConfigConformance, OBS_061_every_key_of_every_prober_loads) {
  const auto config = load(LOOKOUT_CONFIG_CASES "/good/every_key.yml");
  EXPECT_EQ(config->modules.size(), 7u);
  EXPECT_THAT(config->printed, HasSubstr("X-Plain"));
  EXPECT_EQ(config->printed.find("hush"), std::string::npos);
}

TEST(ConfigConformance, OBS_062_an_unknown_prober_is_refused_when_loaded) {
  const TemporaryFolder folder;
  EXPECT_THAT(problems_of(folder.write("x.yml", "modules: {a: {prober: invalid}}\n")),
              HasSubstr("x.yml:1:23: prober \"invalid\" is not known; write one of: http"));
}

struct Change {
  const char* name;
  const char* text;  // in place of the first
};

class ChecksumOfReloads : public testing::TestWithParam<Change> {};

TEST_P(ChecksumOfReloads, ChangesWithTheContentAndBack) {
  const TemporaryFolder folder;
  constexpr std::string_view kFirst = "modules: {a: {prober: http}}\n";
  const std::string file = folder.write("x.yml", kFirst);
  const std::string before = config_fingerprint(file);
  EXPECT_FALSE(before.empty());
  folder.write("x.yml", GetParam().text);
  EXPECT_NE(config_fingerprint(file), before);
  EXPECT_NE(config_fingerprint(file), "");
  folder.write("x.yml", kFirst);
  EXPECT_EQ(config_fingerprint(file), before);
}

INSTANTIATE_TEST_SUITE_P(Reload, ChecksumOfReloads,
                         testing::Values(Change{"REL_001_appended", "modules: {a: {prober: http}}\n# more\n"},
                                         Change{"REL_002_replaced", "modules: {b: {prober: tcp}}\n"},
                                         Change{"REL_003_emptied", ""}),
                         [](const auto& change) { return std::string(change.param.name); });

TEST(ChecksumOfReloads, REL_004_a_missing_file_has_none) {
  const TemporaryFolder folder;
  EXPECT_EQ(config_fingerprint(folder.place("missing.yml")), "");
  EXPECT_THAT(problems_of(folder.place("missing.yml")), HasSubstr("cannot be read: No such file"));
}

TEST(ChecksumOfReloads, REL_005_a_folder_has_none) {
  const TemporaryFolder folder;
  EXPECT_EQ(config_fingerprint(folder.place("")), "");
  EXPECT_THAT(problems_of(folder.place("")), HasSubstr("cannot be read: Is a directory"));
}

// One module each, as it stands under its name.
constexpr const char* kAccepted[] = {
    "{prober: http, http: {fail_if_ssl: yes}}",
    "{prober: http, http: {fail_if_ssl: On}}",
    "{prober: http, http: {fail_if_ssl: ON}}",
    "{prober: http, http: {fail_if_ssl: Y}}",
    "{prober: http, http: {fail_if_ssl: TRUE}}",
    "{prober: http, timeout: 1.5s}",
    "{prober: http, timeout: 1m30s}",
    "{prober: http, timeout: -5s}",
    "{prober: http, timeout: \"5s\"}",
    "{prober: http, timeout: null}",
    "{prober: http, http: {valid_status_codes: [200.0]}}",
    "{prober: http, http: {valid_status_codes: [0xC8]}}",
    "{prober: http, http: {body_size_limit: 1MB}}",
    "{prober: http, http: {body_size_limit: 1.5KiB}}",
    "{prober: http, http: {body_size_limit: 100B}}",
    "{prober: http, http: {body_size_limit: 0}}",
    "{prober: http, http: {body_size_limit: -1MB}}",
    "{prober: http, http: {preferred_ip_protocol: ipv4}}",
    "{prober: http, http: {compression: unknown}}",
    "{prober: http, http: {fail_if_body_matches_regexp: ['']}}",
    "{prober: tcp, tcp: {source_ip_address: nowhere}}",
    "{prober: http, http: {tls_config: {ca_file: /nowhere}}}",
    "{prober: dns, dns: {query_name: x, valid_rcodes: [NONSENSE]}}",
    "{prober: dns, dns: {query_name: x, transport_protocol: nonsense}}",
};

constexpr const char* kRefused[] = {
    "{prober: http, http: {fail_if_ssl: \"true\"}}",
    "{prober: http, http: {fail_if_ssl: 1}}",
    "{prober: http, timeout: 5}",
    "{prober: http, timeout: 5.5}",
    "{prober: http, timeout: 0}",
    "{prober: http, timeout: 1d}",
    "{prober: http, http: {valid_status_codes: 200}}",
    "{prober: http, http: {valid_status_codes: [\"200\"]}}",
    "{prober: http, http: {valid_status_codes: [2xx]}}",
    "{prober: http, http: {body_size_limit: 100}}",
    "{prober: http, http: {body_size_limit: 1kB}}",
    "{prober: http, http: {body_size_limit: 1kb}}",
    "{prober: http, http: {fail_if_body_matches_regexp: ['a(?=b)']}}",
    "{prober: http, http: {fail_if_body_matches_regexp: ['(a)\\1']}}",
    "{prober: http, prober: tcp}",
    "{prober: HTTP}",
};

TEST(ConfigAcceptance, WhatIsAcceptedLoads) {
  const TemporaryFolder folder;
  for (const char* module : kAccepted) {
    EXPECT_EQ(problems_of(folder.write("x.yml", std::string("modules: {a: ") + module + "}\n")), "")
        << module;
  }
}

TEST(ConfigAcceptance, WhatIsRefusedHasAPlace) {
  const TemporaryFolder folder;
  for (const char* module : kRefused) {
    EXPECT_THAT(problems_of(folder.write("x.yml", std::string("modules: {a: ") + module + "}\n")),
                HasSubstr("x.yml:1:"))
        << module;
  }
}

TEST(ConfigAcceptance, OfWholeFiles) {
  const TemporaryFolder folder;
  const auto problems = [&](std::string_view text) { return problems_of(folder.write("x.yml", text)); };
  EXPECT_EQ(problems("modules: {}\n---\nnonsense: [\n"), "") << "only the first document counts";
  EXPECT_EQ(problems("modules:\n  a: &a {prober: http, timeout: 5s}\n  b: {<<: *a, timeout: 6s}\n"), "");
  EXPECT_NE(problems("anchors: &a {prober: http}\nmodules: {a: *a}\n"), "") << "a key of nobody";
  EXPECT_NE(problems("modules:\n  a: {prober: http}\n  a: {prober: tcp}\n"), "");
  EXPECT_NE(problems("modules:\n\ta: {prober: http}\n"), "") << "a tab indents";
  EXPECT_NE(problems("modules: {a: {prober: http, http: {body: \"\xff\"}}}\n"), "") << "no UTF-8";
}

}  // namespace
}  // namespace lookout
