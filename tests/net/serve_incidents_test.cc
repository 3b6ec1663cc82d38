// Incidents as the server tells them: lists, reports, pages, the feed.
#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "tests/net/serve_fixture.h"

namespace lookout::testing {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const WallTime kBegin = WallTime(seconds(1795422370));  // 2026-11-23T08:26:10Z

Incident ended_incident(const std::string& target, WallTime detected) {
  Incident incident;
  incident.id = incident_id(target, detected);
  incident.target = target;
  incident.address = "http://127.0.0.1:1/";
  incident.module = "http_2xx";
  incident.severity = "critical";
  incident.onset = detected - seconds(10);
  incident.detected = detected;
  incident.detection = seconds(10);
  incident.recovered = detected + seconds(31);
  incident.duration = std::chrono::milliseconds(41'200);
  incident.failure = {Stage::connect, Cause::refused, "<script>alert(1)</script>"};
  incident.evidence =
      R"({"verdict":"down","prober":"http","trace":[{"seconds":0.1,"text":"<b>secret of evidence</b>"}]})";
  incident.timeline = {{incident.onset, "onset", "first"}, {*incident.recovered, "closed", "Up again"}};
  return incident;
}

class ServeIncidents : public ServeTest {
 protected:
  explicit ServeIncidents(std::string folder = "")
      : ServeTest([folder](asio::io_context& loop) { return std::make_unique<FakeBackend>(loop, folder); }) {
    add_targets({target_named("web"), target_named("mail & <co>")});
  }

  void keep(const std::vector<Incident>& incidents) {
    Batch batch;
    for (const Incident& incident : incidents) batch.incidents[incident.id] = incident;
    const std::function<bool(Store&)> write = [batch](Store& store) {
      store.write(batch);
      return true;
    };
    auto written = asio::co_spawn(loop_, backend().kept.ask(write), asio::use_future);
    ASSERT_TRUE(written.get());
  }

  // The id of an incident that is open now.
  std::string open_one(const std::string& target, WallTime detected) {
    return on_loop([&] {
      IncidentEvent event{Change::opened, {detected, {}}, {}};
      event.outage =
          Outage{{detected - seconds(10), {}}, {detected, {}}, {Stage::tls, Cause::timeout, "late"}, {}};
      Step judged;
      judged.events = {event};
      backend().open.enter(*backend().targets.find(target)->config, {}, judged, {});
      return incident_id(target, detected);
    });
  }

  json::value parsed(const std::string& path, int status = 200) {
    const Answer answer = get(path);
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/json");
    return json::parse(answer.body);
  }
  std::vector<std::string> ids(const std::string& path) {
    std::vector<std::string> found;
    const json::value list = parsed(path);
    for (const json::value& each : list.at("incidents").as_array())
      found.emplace_back(each.at("id").as_string());
    return found;
  }
};

const std::string kList = "/api/v1/incidents";

TEST_F(ServeIncidents, ListWhatIsOpenAndWhatIsPastNewestFirst) {
  start();
  const Incident first = ended_incident("web", kBegin),
                 second = ended_incident("mail & <co>", kBegin + seconds(100));
  keep({first, second});
  const std::string open = open_one("web", kBegin + seconds(200));
  EXPECT_THAT(ids(kList), ElementsAre(open, second.id, first.id));
  const json::value list = parsed(kList);
  EXPECT_TRUE(list.at("next").is_null());
  EXPECT_TRUE(list.at("incidents").at(0).at("open").as_bool());
  EXPECT_EQ(list.at("incidents").at(0).at("failure").at("cause"), "timeout");
  EXPECT_EQ(list.at("incidents").at(2).at("duration_seconds"), 41.2);
  EXPECT_THAT(get(kList).body, Not(HasSubstr("evidence")));
  EXPECT_THAT(ids(kList + "?target=web"), ElementsAre(open, first.id));
  EXPECT_THAT(ids(kList + "?open=true"), ElementsAre(open));
  EXPECT_THAT(ids(kList + "?target=nobody"), ElementsAre());
  EXPECT_THAT(ids(kList + "?since=2026-11-23T08:27:30Z"), ElementsAre(open, second.id));
}

TEST_F(ServeIncidents, AreTurnedPageByPage) {
  options.route_prefix = "/lookout/";
  start();
  std::vector<Incident> all;
  for (int i = 0; i < 5; ++i) all.push_back(ended_incident("mail & <co>", kBegin + seconds(100 * i)));
  keep(all);
  std::vector<std::string> seen;
  std::string path = "/lookout/api/v1/incidents?limit=2&target=mail+%26+%3Cco%3E";
  for (int page = 0; page < 3; ++page) {
    const json::value list = parsed(path);
    for (const json::value& each : list.at("incidents").as_array())
      seen.emplace_back(each.at("id").as_string());
    EXPECT_EQ(list.at("next").is_null(), page == 2);
    if (page < 2) path = list.at("next").as_string();
  }
  EXPECT_THAT(seen, ElementsAre(all[4].id, all[3].id, all[2].id, all[1].id, all[0].id));
}

TEST_F(ServeIncidents, NameTheParameterThatIsWrong) {
  start();
  for (const auto& [query, said] : std::initializer_list<std::pair<std::string, std::string>>{
           {"since=yesterday", "since: \"yesterday\" is neither an age nor a time; write e.g. 7d"},
           {"since=-1h", "since: "},
           {"open=maybe", "open: \"maybe\" is neither true nor false"},
           {"limit=0", "limit: \"0\" is no number from 1 to 500"},
           {"limit=501", "limit: "},
           {"limit=5x", "limit: "},
           {"before=..%2F..", "before: \"../..\" is no incident's id"}}) {
    const Answer answer = get(kList + "?" + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(answer.body.substr(0, said.size()), said);
  }
}

TEST_F(ServeIncidents, AreToldWholeInEveryForm) {
  start();
  const Incident earlier = ended_incident("web", kBegin),
                 incident = ended_incident("web", kBegin + seconds(500));
  keep({earlier, incident});
  const std::string path = kList + "/" + incident.id;
  const json::value whole = parsed(path);
  EXPECT_EQ(whole.at("evidence").at("prober"), "http");
  EXPECT_EQ(whole.at("earlier").at(0).at("id").as_string(), std::string_view(earlier.id));
  EXPECT_EQ(parsed(path + "/report.json"), whole);
  const Answer markdown = get(path + "/report.md");
  EXPECT_EQ(markdown.header("content-type"), "text/markdown; charset=utf-8");
  EXPECT_THAT(markdown.body,
              AllOf(HasSubstr("**Recovered after 41.2 s.**"), HasSubstr("`" + earlier.id + "`")));
  const Answer file = get(path + "/report.html");
  EXPECT_THAT(file.header("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(file.body,
              AllOf(HasSubstr("<!DOCTYPE html>"), Not(HasSubstr("<script")), Not(HasSubstr("<b>"))));
  const Answer page = get("/incidents/" + incident.id);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.header("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.body, AllOf(HasSubstr("<h1>Incident " + incident.id), HasSubstr("href=\"../targets/web\""),
                               HasSubstr("../api/v1/incidents/" + incident.id + "/report.md"),
                               Not(HasSubstr("<script>")), Not(HasSubstr("<b>"))));
  EXPECT_EQ(get(path + "/report.pdf").status, 404);
  EXPECT_EQ(get(kList + "/20200101-000000-00000000").status, 404);
  EXPECT_EQ(get(kList + "/nonsense").status, 404);
  EXPECT_EQ(get("/incidents/nonsense").status, 404);
  Client client = connect();
  client.send("DELETE " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().status, 405);
}

TEST_F(ServeIncidents, TellOfAnOpenOneHowLongItIs) {
  start();
  const std::string open = open_one("web", std::chrono::system_clock::now());
  EXPECT_THAT(get(kList + "/" + open + "/report.md").body, HasSubstr("**Open for 10"));
  EXPECT_THAT(get("/incidents/" + open).body, HasSubstr("not yet: it is open"));
}

TEST_F(ServeIncidents, FeedReadersWithPermanentIdsAndLinks) {
  options.external_url = "https://lookout.example/a&b";
  start();
  const Incident past = ended_incident("mail & <co>", kBegin);
  keep({past});
  const std::string open = open_one("web", kBegin + seconds(60));
  const Answer feed = get("/incidents.atom");
  EXPECT_EQ(feed.status, 200);
  EXPECT_EQ(feed.header("content-type"), "application/atom+xml; charset=utf-8");
  EXPECT_THAT(
      feed.body,
      AllOf(HasSubstr("<feed xmlns=\"http://www.w3.org/2005/Atom\">"), HasSubstr("<id>urn:uuid:"),
            HasSubstr("<updated>2026-11-23T08:27:10.000Z</updated>\n<author>"),
            HasSubstr("href=\"https://lookout.example/a&amp;b/incidents/" + open + "\""),
            HasSubstr("rel=\"self\" type=\"application/atom+xml\" href=\"https://lookout.example/a&amp;b/"
                      "incidents.atom\""),
            HasSubstr("<title>mail &amp; &lt;co&gt; was down for 41.2 s: "),
            HasSubstr("<title>web is down: "), Not(HasSubstr("<script"))));
  EXPECT_LT(feed.body.find(open), feed.body.find(past.id)) << "newest first";
  EXPECT_EQ(get("/incidents.atom").body, feed.body) << "the same, with the same ids";
}

class ServeIncidentsWithoutJournal : public ServeIncidents {
 protected:
  ServeIncidentsWithoutJournal() : ServeIncidents("/dev/null/nothing") {}
};

TEST_F(ServeIncidentsWithoutJournal, StillTellWhatIsOpen) {
  start();
  const std::string open = open_one("web", std::chrono::system_clock::now());
  const json::value list = parsed(kList, 503);
  EXPECT_EQ(list.at("incidents").at(0).at("id").as_string(), std::string_view(open));
  EXPECT_THAT(std::string(list.at("error").as_string()),
              AllOf(HasSubstr("the journal cannot be read"), HasSubstr("/dev/null/nothing")));
  EXPECT_THAT(ids(kList + "?open=true"), ElementsAre(open)) << "what is open needs no journal";
  EXPECT_THAT(get(kList + "/" + open + "/report.md").body, HasSubstr("The journal could not be asked."));
  const Answer past = get(kList + "/20200101-000000-00000000");
  EXPECT_EQ(past.status, 503);
  EXPECT_THAT(past.body, HasSubstr("/dev/null/nothing"));
  EXPECT_EQ(get("/incidents.atom").status, 503);
  EXPECT_EQ(get("/badge/web.svg?kind=uptime").status, 503);
}

}  // namespace
}  // namespace lookout::testing
