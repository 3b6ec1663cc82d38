// /probe: parameters, errors and the time that a probe gets, as blackbox_exporter has them.
#include "tests/net/serve_fixture.h"

namespace lookout::testing {
namespace {

using ServeProbe = ServeTest;

TEST_F(ServeProbe, AnswersWithMetricsWhateverTheVerdict) {
  start();
  Answer up = get("/probe?target=http://127.0.0.1:1/");
  EXPECT_EQ(up.status, 200);
  EXPECT_EQ(up.header("content-type").substr(0, 25), "text/plain; version=0.0.4");
  EXPECT_NE(up.body.find("\nprobe_success 1\n"), std::string::npos) << up.body;
  on_loop([&] { backend().probe_fails = Failure{Stage::connect, Cause::refused, "x"}; });
  Answer down = get("/probe?target=http://127.0.0.1:1/");
  EXPECT_EQ(down.status, 200);
  EXPECT_NE(down.body.find("\nprobe_success 0\n"), std::string::npos) << down.body;
}

TEST_F(ServeProbe, PassesItsParametersOn) {
  start();
  EXPECT_EQ(get("/probe?target=a%2Fb+c&module=short&hostname=h.example").status, 200);
  on_loop([&] {
    ASSERT_EQ(backend().probed.size(), 1u);
    EXPECT_EQ(backend().probed[0], (Target{"a/b c", "h.example"}));
    EXPECT_EQ(backend().module_name, "short");
    EXPECT_EQ(backend().probe_timeout, std::chrono::seconds(2));
  });
  EXPECT_EQ(get("/probe?target=http%253A%252F%252F127.0.0.1%253A80&module=").status, 200);
  on_loop([&] {
    EXPECT_EQ(backend().probed[1], (Target{"http://127.0.0.1:80", ""}));
    EXPECT_EQ(backend().module_name, "http_2xx");
    EXPECT_EQ(backend().probe_timeout, std::chrono::milliseconds(119500));
  });
}

TEST_F(ServeProbe, HDL_001_ReportsTheTimeoutThatTheScraperAllows) {
  start();
  const Answer answer = get("/probe?target=x", "X-Prometheus-Scrape-Timeout-Seconds: 1\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("\nprobe_timeout_seconds 0.5\n"), std::string::npos) << answer.body;
  on_loop([&] { EXPECT_EQ(backend().probe_timeout, std::chrono::milliseconds(500)); });
}

TEST_F(ServeProbe, RefusesInTheWordsOfBlackboxExporter) {
  start();
  struct Case {
    std::string target, headers;
    int status;
    std::string body;
  };
  const std::string bad_header = "X-Prometheus-Scrape-Timeout-Seconds: abc\r\n";
  const Case cases[]{
      {"/probe", "", 400, "Target parameter is missing\n"},
      {"/probe?target=", "", 400, "Target parameter is missing\n"},
      {"/probe?target=a%zz", "", 400, "Target parameter is missing\n"},
      {"/probe?module=no%22ne", bad_header, 400, "Unknown module \"no\\\"ne\"\n"},
      {"/probe", bad_header, 500,
       "Failed to parse timeout from Prometheus header: strconv.ParseFloat: parsing \"abc\": invalid "
       "syntax\n"},
      {"/probe?target=x&module=with_host&hostname=other.example", "", 400,
       "host header defined both in module configuration (configured.example) and with URL-parameter "
       "'hostname' "
       "(other.example)\n"},
      {"/probe?target=x&hostname=a%0d%0ab", "", 400,
       "the URL-parameter 'hostname' holds a control character\n"},
  };
  for (const Case& c : cases) {
    const Answer answer = get(c.target, c.headers);
    EXPECT_EQ(answer.status, c.status) << c.target;
    EXPECT_EQ(answer.body, c.body) << c.target;
    EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  }
  on_loop([&] { EXPECT_TRUE(backend().probed.empty()); });
  EXPECT_EQ(metric("blackbox_module_unknown_total"), 1);
}

TEST_F(ServeProbe, TakesAHostnameThatAgreesOrThatConcernsNoHeader) {
  start();
  EXPECT_EQ(get("/probe?target=x&module=with_host&hostname=configured.example").status, 200);
  EXPECT_EQ(get("/probe?target=x:1&module=tcp&hostname=other.example").status, 200);
}

TEST_F(ServeProbe, ShowsWhatHappenedWhenAskedTo) {
  start();
  const Answer answer = get("/probe?target=x&debug=true");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
  std::size_t at = 0;
  for (const std::string_view part : {"Logs for the probe:\n", "resolved by a fake", "up\n\n\n\n",
                                      "Metrics that would have been returned:\n", "probe_success 1\n",
                                      "\n\n\nModule configuration:\n", "prober: http\n"}) {
    const std::size_t found = answer.body.find(part, at);
    EXPECT_NE(found, std::string::npos) << part << " in " << answer.body;
    at = found == std::string::npos ? at : found;
  }
  EXPECT_EQ(get("/probe?target=x&debug=yes").body.find("Logs for"), std::string::npos);
}

TEST_F(ServeProbe, TakesAnyMethodButOnlyTheQuery) {
  start();
  Client client = connect();
  client.send("POST /probe HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\ntarget=x");
  EXPECT_EQ(client.receive().status, 400);
  client.send("POST /probe?target=x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  client.send("HEAD /probe?target=x HTTP/1.1\r\nHost: h\r\n\r\n");
  const Answer head = client.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_GT(std::stoi(head.header("content-length")), 100);
  EXPECT_EQ(client.get("/-/healthy").body, "Healthy") << "the connection must be in step";
}

TEST_F(ServeProbe, DoesNotLetASlowOneDelayAnother) {
  start();
  on_loop([&] { backend().probe_takes = std::chrono::milliseconds(700); });
  Client slow = connect();
  slow.send("GET /probe?target=slow HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return backend().probed.size() == 1; }));
  on_loop([&] { backend().probe_takes = {}; });
  EXPECT_EQ(get("/probe?target=quick").status, 200);
  on_loop([&] { EXPECT_EQ(backend().probes_ended, 1); });
  EXPECT_EQ(slow.receive().status, 200);
  on_loop([&] { EXPECT_EQ(backend().probes_ended, 2); });
}

TEST_F(ServeProbe, HoldsManySlowOnesAtOnce) {
  start();
  on_loop([&] { backend().probe_takes = std::chrono::seconds(1); });
  std::vector<Client> clients;
  for (int i = 0; i < 500; ++i) {
    clients.push_back(connect());
    clients.back().send("GET /probe?target=slow HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  for (Client& client : clients) EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServeProbe, SurvivesAClientThatLeavesMeanwhile) {
  start();
  on_loop([&] { backend().probe_takes = std::chrono::milliseconds(200); });
  Client rude = connect(), polite = connect();
  rude.send("GET /probe?target=x HTTP/1.1\r\nHost: h\r\n\r\n");
  polite.send("GET /probe?target=x HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return backend().probed.size() == 2; }));
  rude.reset();
  polite.close();
  EXPECT_TRUE(eventually([&] { return backend().probes_ended == 2; }));
  EXPECT_EQ(metric("lookout_http_connections"), 1) << "that of this scrape";
}

TEST_F(ServeProbe, AnswersWhenTheBackendThrows) {
  start();
  on_loop([&] { backend().throws = true; });
  Client client = connect();
  EXPECT_EQ(client.get("/probe?target=x").status, 500);
  EXPECT_EQ(client.get("/-/healthy").status, 200);
}

TEST_F(ServeProbe, IsZippedWhenAskedFor) {
  start();
  const Answer plain = get("/probe?target=x", "X-Prometheus-Scrape-Timeout-Seconds: 5\r\n");
  const Answer zipped =
      get("/probe?target=x", "X-Prometheus-Scrape-Timeout-Seconds: 5\r\nAccept-Encoding: gzip\r\n");
  EXPECT_FALSE(plain.has("content-encoding"));
  EXPECT_EQ(zipped.header("content-encoding"), "gzip");
  EXPECT_LT(zipped.body.size(), plain.body.size());
  EXPECT_EQ(gunzip(zipped.body), plain.body);
  EXPECT_FALSE(get("/probe?target=x", "Accept-Encoding: gzip;q=0\r\n").has("content-encoding"));
}

}  // namespace
}  // namespace lookout::testing
