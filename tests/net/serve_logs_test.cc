// What is remembered of probes on request: /logs, the debug page, the list on the first page.
#include "tests/net/serve_fixture.h"

namespace lookout::testing {
namespace {

class ServeLogs : public ServeTest {
 protected:
  ServeLogs() {
    HttpConfig secret;
    secret.client.authorization.emplace().credentials.value = "hush";
    TcpConfig tls;
    tls.tls = true;
    tls.tls_config.insecure_skip_verify = true;
    auto& modules = backend().configuration->modules;
    modules["secret"] = std::make_shared<const Module>(Module{"secret", {}, std::move(secret)});
    modules["tls"] = std::make_shared<const Module>(Module{"tls", {}, std::move(tls)});
    start();
  }
};

TEST_F(ServeLogs, TellWhatHappened) {
  get("/probe?target=first");
  on_loop([&] { backend().probe_fails = Failure{Stage::connect, Cause::refused, "nobody there"}; });
  get("/probe?target=second&module=tcp");
  const Answer first = get("/logs?id=0");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("content-type"), "text/plain");
  EXPECT_NE(first.body.find("probe_success 1"), std::string::npos) << first.body;
  const Answer second = get("/logs?target=second");
  EXPECT_NE(second.body.find("down: connect/refused: nobody there"), std::string::npos) << second.body;
  EXPECT_NE(second.body.find("\nprober: tcp\n"), std::string::npos) << second.body;
  EXPECT_EQ(get("/logs?target=second&module=tcp").body, second.body);
  EXPECT_EQ(get("/logs?id=%2B1").body, second.body);
  on_loop([&] { EXPECT_EQ(backend().ended_ids, (std::vector<std::int64_t>{0, 1})) << "what is logged"; });
}

TEST_F(ServeLogs, RefuseInTheWordsOfBlackboxExporter) {
  get("/probe?target=known");
  get("/probe?module=none&target=rejected");
  struct Case {
    std::string query;
    int status;
    std::string body;
  };
  const std::string neither = "Probe id or target must be defined as http query parameters\n";
  const Case cases[]{
      {"id=0&target=known", 400, "Probe id and target can't be defined at the same time\n"},
      {"id=-1&target=known", 400, "Probe id and target can't be defined at the same time\n"},
      {"", 400, neither},
      {"id=", 400, neither},
      {"id=-1", 400, neither},
      {"id=x", 400, neither},
      {"id=9223372036854775808", 400, neither},
      {"module=http_2xx", 400, neither},
      {"id=0&module=http_2xx", 400, "Probe module filter only works in conjunction with target parameter\n"},
      {"id=1", 404, "Probe id not found\n"},
      {"id=-2", 404, "Probe id not found\n"},
      {"target=unknown", 404, "Probe target not found\n"},
      {"target=rejected", 404, "Probe target not found\n"},
      {"target=known&module=tcp", 404, "Probe target not found\n"},
  };
  for (const Case& c : cases) {
    const Answer answer = get("/logs?" + c.query);
    EXPECT_EQ(answer.status, c.status) << c.query;
    EXPECT_EQ(answer.body, c.body) << c.query;
  }
  EXPECT_EQ(get("/logs?id=x&target=known").status, 200) << "an id that is none does not count";
}

TEST_F(ServeLogs, HDL_002_MaskSecretsInTheDebugPage) {
  const Answer answer = get("/probe?target=x&module=secret&debug=true");
  EXPECT_EQ(answer.body.find("hush"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("<secret>"), std::string::npos) << answer.body;
}

TEST_F(ServeLogs, HDL_003_MaskSecretsInWhatIsKept) {
  get("/probe?target=x&module=secret");
  const Answer answer = get("/logs?id=0");
  EXPECT_EQ(answer.body.find("hush"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("<secret>"), std::string::npos) << answer.body;
}

TEST_F(ServeLogs, HDL_020_ShowTheEffectOfTheHostname) {
  const Answer tcp = get("/probe?target=x:1&module=tls&hostname=shown.example&debug=true");
  EXPECT_EQ(tcp.status, 200);
  EXPECT_NE(tcp.body.find("server_name: shown.example\n"), std::string::npos) << tcp.body;
  const Answer http = get("/probe?target=x&hostname=shown.example&debug=true");
  EXPECT_NE(http.body.find("Host: shown.example\n"), std::string::npos) << http.body;
  EXPECT_NE(http.body.find("server_name: shown.example\n"), std::string::npos) << http.body;
  EXPECT_EQ(get("/probe?target=x&debug=true").body.find("shown.example"), std::string::npos)
      << "the module itself is as it was";
}

TEST_F(ServeLogs, AreListedOnTheFirstPageNewestFirst) {
  EXPECT_EQ(get("/").body.find("Recent probes"), std::string::npos);
  on_loop([&] { backend().probe_fails = Failure{Stage::connect, Cause::refused, ""}; });
  get("/probe?target=%3Cb%3E%26&module=tcp");
  on_loop([&] { backend().probe_fails = std::nullopt; });
  get("/probe?target=http://u:hush@h/");
  const std::string page = get("/").body;
  EXPECT_EQ(page.find("<b>&"), std::string::npos) << page;
  EXPECT_EQ(page.find("hush"), std::string::npos) << page;
  const auto newest = page.find("href=\"logs?id=1\""), oldest = page.find("href=\"logs?id=0\"");
  ASSERT_NE(oldest, std::string::npos) << page;
  EXPECT_LT(newest, oldest);
  EXPECT_NE(page.find("<td>tcp</td><td>&lt;b&gt;&amp;</td><td><span class=\"state down\">Failure</span>"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find(">Success</span></td>"), std::string::npos) << page;
}

}  // namespace
}  // namespace lookout::testing
