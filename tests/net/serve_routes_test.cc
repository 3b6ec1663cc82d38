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

TEST_F(ServeRoutes, ReloadOnPostAndPut) {
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

TEST_F(ServeRoutes, KnowNothingElse) {
  start();
  for (const std::string path : {"/nothing", "/probe/", "/metricsx", "/health/", "/api/v1/targets/",
                                 "/debug/pprof/", "//", "/../etc/passwd"}) {
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

TEST_F(ServeRoutes, NegotiateTheFormatOfMetrics) {
  start();
  EXPECT_EQ(get("/metrics").header("content-type").substr(0, 25), "text/plain; version=0.0.4");
  const Answer open = get("/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
  EXPECT_EQ(open.header("content-type").substr(0, 28), "application/openmetrics-text");
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
}

}  // namespace
}  // namespace lookout::testing
