// Prometheus and Alertmanager asked over the network, with stand-ins that answer as they do.
#include <map>
#include <mutex>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/drill/look.h"
#include "probes/net/services.h"
#include "tests/support/patience.h"
#include "tests/support/scripted_server.h"

namespace lookout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Answers each path, without its query, with a text; others with 404.
class StandIn {
 public:
  explicit StandIn(std::map<std::string, std::string> answers)
      : answers_(std::move(answers)), server_([this](Peer& peer) { serve(peer); }) {}

  std::string url() const { return "http://" + server_.address(); }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string head() const {
    const std::lock_guard lock(mutex_);
    return head_;
  }

 private:
  void serve(Peer& peer) {
    const std::string request = peer.read_request();
    const std::size_t begin = request.find(' ') + 1;
    const std::string target = request.substr(begin, request.find(' ', begin) - begin);
    const std::string path = target.substr(0, target.find('?'));
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(path);
      head_ = request;
    }
    const auto answer = answers_.find(path);
    const std::string body = answer == answers_.end() ? "no such page" : answer->second;
    peer.send(fmt::format("HTTP/1.1 {} So\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                          answer == answers_.end() ? 404 : 200, body.size(), body));
    peer.close();
  }

  const std::map<std::string, std::string> answers_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::string head_;
  ScriptedServer server_;
};

const std::string kFiring =
    R"({"status":"success","data":{"alerts":[{"labels":{"alertname":"LookoutDrill","drill":"true","target":"shop"},)"
    R"("annotations":{},"state":"firing","activeAt":"2026-11-25T12:00:00Z","value":"1e+00"}]}})";
const std::string kNoAlert = R"({"status":"success","data":{"alerts":[]}})";
const std::string kActive =
    R"([{"annotations":{},"endsAt":"2026-11-25T12:04:00.000Z","fingerprint":"4d","receivers":[{"name":"desk"}],)"
    R"("startsAt":"2026-11-25T12:00:00.000Z","status":{"inhibitedBy":[],"silencedBy":[],"state":"active"},)"
    R"("updatedAt":"2026-11-25T12:00:00.010Z","labels":{"alertname":"LookoutDrill","drill":"true","target":"shop"}}])";

AlertSeen look_once(const LookWhere& where) {
  asio::io_context loop{1};
  ProbeServices services(loop);
  std::optional<AlertSeen> seen;
  asio::co_spawn(loop, look(where, services), [&](const std::exception_ptr& exception, AlertSeen found) {
    if (exception) std::rethrow_exception(exception);
    seen = std::move(found);
  });
  loop.run_for(std::chrono::seconds(30) * kPatience);
  if (!seen) throw std::runtime_error("the look has no end");
  return *std::move(seen);
}

TEST(Look, AsksBothAndTheirPace) {
  StandIn prometheus(
      {{"/p/api/v1/alerts", kFiring},
       {"/p/api/v1/alertmanagers", R"({"data":{"activeAlertmanagers":[{"url":"http://am/api/v2/alerts"}]}})"},
       {"/p/api/v1/status/config",
        R"({"data":{"yaml":"global:\n  scrape_interval: 7s\n  evaluation_interval: 8s\n"}})"},
       {"/p/api/v1/rules", R"({"data":{"groups":[]}})"}});
  StandIn alertmanager({{"/api/v2/alerts", kActive},
                        {"/metrics", "alertmanager_notification_requests_total{integration=\"webhook\"} 3\n"},
                        {"/api/v2/status", R"({"config":{"original":"route:\n  group_wait: 9s\n"}})"}});
  const AlertSeen seen = look_once({"shop", prometheus.url() + "/p", alertmanager.url(), true});
  ASSERT_TRUE(seen.prometheus && seen.alertmanager && seen.pace);
  EXPECT_EQ(seen.prometheus->trouble, "");
  EXPECT_EQ(seen.prometheus->alert, PrometheusSeen::Alert::firing);
  EXPECT_EQ(seen.prometheus->alertmanagers, std::vector<std::string>{"http://am/api/v2/alerts"});
  EXPECT_EQ(seen.alertmanager->alert, AlertmanagerSeen::Alert::active);
  EXPECT_EQ(seen.alertmanager->notifications.at("webhook").sent, 3);
  EXPECT_EQ(seen.pace->scrape, std::chrono::seconds(7));
  EXPECT_EQ(seen.pace->evaluation, std::chrono::seconds(8));
  EXPECT_EQ(seen.pace->group_wait, std::chrono::seconds(9));
  EXPECT_THAT(prometheus.asked(), ElementsAre("/p/api/v1/alerts", "/p/api/v1/alertmanagers",
                                              "/p/api/v1/status/config", "/p/api/v1/rules"));
}

// Otherwise all that was ever sent would count as sent since.
TEST(Look, CountersThatCannotBeReadAreTrouble) {
  StandIn alertmanager({{"/api/v2/alerts", "[]"}});
  EXPECT_EQ(look_once({"shop", {}, alertmanager.url(), false}).alertmanager->trouble, "HTTP status 404");
}

TEST(Look, SaysWhatIsMissing) {
  StandIn prometheus({{"/api/v1/alerts", kNoAlert}, {"/api/v1/query", R"({"data":{"result":[]}})"}});
  const AlertSeen seen = look_once({"shop", prometheus.url(), {}, false});
  EXPECT_EQ(seen.prometheus->alert, PrometheusSeen::Alert::none);
  EXPECT_THAT(seen.prometheus->missing, HasSubstr("does it scrape this Lookout?"));
  EXPECT_FALSE(seen.alertmanager);
  EXPECT_FALSE(seen.pace);
}

TEST(Look, ShowsThePasswordOfItsUrlToWhomItIsFor) {
  StandIn prometheus({{"/api/v1/alerts", kFiring}});
  std::string url = prometheus.url();
  url.insert(7, "alice:secret@");
  EXPECT_EQ(look_once({"shop", url, {}, false}).prometheus->trouble, "");
  EXPECT_THAT(prometheus.head(), HasSubstr("Authorization: Basic YWxpY2U6c2VjcmV0\r\n"));
}

TEST(Look, TroubleIsTold) {
  StandIn nothing({});
  const ClosedPort closed;
  AlertSeen seen =
      look_once({"shop", nothing.url(), fmt::format("http://127.0.0.1:{}", closed.port()), true});
  EXPECT_EQ(seen.prometheus->trouble, "HTTP status 404");
  EXPECT_EQ(seen.alertmanager->trouble, "the peer refused (connect/refused)");
  StandIn stranger({{"/api/v1/alerts", "<html>"}, {"/api/v2/alerts", "[1"}});
  seen = look_once({"shop", stranger.url(), stranger.url(), false});
  EXPECT_THAT(seen.prometheus->trouble, HasSubstr("not the one of that API"));
  EXPECT_THAT(seen.alertmanager->trouble, HasSubstr("not the one of that API"));
  ScriptedServer silent([](Peer& peer) { peer.stall(); });
  seen = look_once({"shop", {}, "http://" + silent.address(), false});
  EXPECT_EQ(seen.alertmanager->trouble, "no answer in time");
}

}  // namespace
}  // namespace lookout::test
