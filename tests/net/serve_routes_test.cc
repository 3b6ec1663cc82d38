// What each path answers, beside /probe, /metrics and the pages of targets.
#include "tests/net/serve_fixture.h"

namespace lookout::testing {
namespace {

using ServeRoutes = ServeTest;

TEST_F(ServeRoutes, TellHealthAndReadiness) {
  start();
  const Answer healthy = get("/-/healthy");
  EXPECT_EQ(healthy.status, 200);
  EXPECT_EQ(healthy.body, "Healthy");
  EXPECT_EQ(get("/-/ready").body, "Ready");
  on_loop([&] { backend().is_ready = false; });
  EXPECT_EQ(get("/-/ready").status, 503);
  Client client = connect();
  client.send("HEAD /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive(true).header("content-length"), "7");
  EXPECT_EQ(client.get("/-/healthy").status, 200);
}

TEST_F(ServeRoutes, OBS_059_ReloadOnPostAndPut) {
  start();
  Client client = connect();
  const auto ask = [&](const std::string& method) {
    client.send(method + " /-/reload HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    return client.receive();
  };
  for (const std::string method : {"POST", "PUT"}) {
    const Answer answer = ask(method);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
  }
  for (const std::string method : {"GET", "DELETE", "post"}) {
    const Answer answer = ask(method);
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.body, "This endpoint requires a POST request.\n");
    EXPECT_EQ(answer.header("allow"), "POST, PUT");
  }
  on_loop([&] {
    EXPECT_EQ(backend().reloads, 2);
    backend().problems = {{"a.yml", {3, 5}, "one"}, {"b.yml", {1, 1}, "two"}};
  });
  const Answer failed = ask("POST");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body, "failed to reload config: a.yml:3:5: one\nb.yml:1:1: two\n");
}

TEST_F(ServeRoutes, ShowTheConfiguration) {
  start();
  const Answer answer = get("/config");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "text/plain");
  EXPECT_EQ(answer.body, "modules:\n    http_2xx:\n        prober: http\n");
}

TEST_F(ServeRoutes, LeadToTheCanonicalPath) {
  start();
  for (const auto& [path, canonical] : std::initializer_list<std::pair<std::string, std::string>>{
           {"//", "/"},
           {"/../etc/passwd", "/etc/passwd"},
           {"//probe?target=a//b", "/probe?target=a//b"},
           {"/x/../-/./healthy", "/-/healthy"},
           {"//evil.example/%2e", "/evil.example/%2e"}}) {
    const Answer answer = get(path);
    EXPECT_EQ(answer.status, 301) << path;
    EXPECT_EQ(answer.header("location"), canonical);
  }
}

// blackbox_exporter answers its landing page: a mistyped path should not look like success.
TEST_F(ServeRoutes, OBS_058_KnowNothingElse) {
  start();
  for (const std::string path :
       {"/nothing", "/probe/", "/metricsx", "/health/", "/api/v1/targets/", "/debug/pprof/"}) {
    const Answer answer = get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body, "404 page not found\n");
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  }
  EXPECT_EQ(get("/health/%zz").status, 400);
}

TEST_F(ServeRoutes, StandBehindThePrefix) {
  options.route_prefix = "/watch/out/";
  options.external_url = "https://example.org/watch/out";
  start();
  EXPECT_EQ(get("/watch/out/-/healthy").body, "Healthy");
  EXPECT_EQ(get("/watch/out/probe?target=x").status, 200);
  EXPECT_EQ(get("/watch/out/").status, 200);
  EXPECT_EQ(get("/-/healthy").status, 404);
  EXPECT_EQ(get("/watch/other").status, 404);
  const Answer root = get("/");
  EXPECT_EQ(root.status, 302);
  EXPECT_EQ(root.header("location"), "https://example.org/watch/out");
  const Answer bare = get("/watch/out");
  EXPECT_EQ(bare.status, 301);
  EXPECT_EQ(bare.header("location"), "/watch/out/");
}

TEST_F(ServeRoutes, AreCountedByStatus) {
  start();
  get("/-/healthy");
  get("/nothing");
  EXPECT_EQ(metric("lookout_http_requests_total{code=\"404\"}"), 1);
  EXPECT_GE(metric("lookout_http_requests_total{code=\"200\"}"), 1);
  EXPECT_EQ(metric("lookout_http_connections"), 1);
}

TEST_F(ServeRoutes, ProbeTargetsOfTheScrapeFirst) {
  start();
  EXPECT_EQ(get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n").status, 200);
  EXPECT_EQ(get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds: nonsense\r\n").status, 200);
  EXPECT_EQ(get("/metrics").status, 200);
  on_loop([&] {
    using std::chrono::milliseconds;
    EXPECT_EQ(backend().scrape_timeouts,
              (std::vector<Duration>{milliseconds(9500), milliseconds(119500), milliseconds(119500)}));
  });
}

TEST_F(ServeRoutes, EchoTheEscapingAskedFor) {
  start();
  const std::string prometheus3 =
      "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n";
  for (const std::string path : {"/metrics", "/probe?target=x"}) {
    EXPECT_EQ(get(path).header("content-type"),
              "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
    EXPECT_EQ(get(path, prometheus3).header("content-type"),
              "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8");
    EXPECT_EQ(get(path, "Accept: text/plain;escaping=nonsense, */*;escaping=dots\r\n").header("content-type"),
              "text/plain; version=0.0.4; charset=utf-8; escaping=dots");
  }
  EXPECT_TRUE(get("/probe?target=x", prometheus3).body.ends_with("# EOF\n"));
}

TEST_F(ServeRoutes, CountScrapesUnderBlackboxExportersNames) {
  start();
  EXPECT_EQ(metric("promhttp_metric_handler_requests_total{code=\"200\"}"), 1);
  EXPECT_EQ(metric("promhttp_metric_handler_requests_total{code=\"200\"}"), 2);
  EXPECT_EQ(metric("promhttp_metric_handler_requests_total{code=\"503\"}"), 0);
  EXPECT_EQ(metric("promhttp_metric_handler_requests_in_flight"), 1) << "this one";
  EXPECT_NE(get("/metrics").body.find("\nblackbox_exporter_build_info{branch="), std::string::npos);
  EXPECT_GT(metric("process_network_receive_bytes_total"), 0);
}

TEST_F(ServeRoutes, NegotiateTheFormatOfMetrics) {
  start();
  EXPECT_EQ(get("/metrics").header("content-type").substr(0, 25), "text/plain; version=0.0.4");
  const Answer open = get("/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
  EXPECT_EQ(open.header("content-type").substr(0, 28), "application/openmetrics-text");
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
}

}  // namespace
}  // namespace lookout::testing
