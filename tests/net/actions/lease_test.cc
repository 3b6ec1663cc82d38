// Leases: who gets one by the record and the time, and against a stand-in for the API server.
#include "exporter/actions/lease.h"

#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include "tests/net/actions/kubernetes_fixture.h"

namespace lookout::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;

LeaseRecord held_by(const std::string& holder) { return {holder, 15, "a", "r", 3, "7"}; }

struct Case {
  const char* name;
  std::optional<LeaseRecord> record;
  Duration unchanged_for;
  LeaseStep step;
};

TEST(LeaseStep, follows_from_the_record_and_how_long_it_has_been_the_same) {
  const std::vector<Case> cases{
      {"none", std::nullopt, seconds(0), LeaseStep::create},
      {"nobody's", held_by(""), seconds(0), LeaseStep::take},
      {"ours", held_by("me"), seconds(0), LeaseStep::renew},
      {"ours, and long expired", held_by("me"), seconds(1000), LeaseStep::renew},
      {"another's, just seen", held_by("you"), seconds(0), LeaseStep::stay},
      {"another's, not yet expired", held_by("you"), milliseconds(14999), LeaseStep::stay},
      {"another's, of no duration", LeaseRecord{"you", 0, "a", "r", 3, "7"}, seconds(14), LeaseStep::stay},
      {"another's, of no duration, silent", LeaseRecord{"you", 0, "a", "r", 3, "7"}, seconds(15),
       LeaseStep::take},
      {"another's, expired", held_by("you"), seconds(15), LeaseStep::take},
  };
  for (const Case& each : cases)
    EXPECT_EQ(lease_step(each.record, "me", each.unchanged_for), each.step) << each.name;
}

std::string lease(std::string_view holder, int version, int transitions = 3, int duration = 15) {
  return fmt::format(
      R"({{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{{"name":"lookout","namespace":"demo",)"
      R"("resourceVersion":"{}"}},"spec":{{"holderIdentity":"{}","leaseDurationSeconds":{},)"
      R"("acquireTime":"2026-11-25T03:00:00.000000Z","renewTime":"2026-11-25T03:04:{:02}.123456Z",)"
      R"("leaseTransitions":{}}}}})",
      version, holder, duration, version % 60, transitions);
}

const std::string kLeases = "/apis/coordination.k8s.io/v1/namespaces/demo/leases";
const std::string kGet = "GET " + kLeases + "/lookout", kPut = "PUT " + kLeases + "/lookout";

class Leases : public Kubernetes {
 protected:
  Lease candidate(std::string identity = "me", Duration renew_deadline = seconds(10)) const {
    return Lease({.server = {{"https://" + api->address()}, token_file, certificates.authority_file()},
                  .lease_namespace = "demo",
                  .identity = std::move(identity),
                  .renew_deadline = renew_deadline});
  }
  // One round on the loop that all of the test's share.
  bool renew(Lease& lease) {
    bool held = false;
    asio::co_spawn(loop, lease.renew(services), [&](const std::exception_ptr& error, bool is_held) {
      if (error) std::rethrow_exception(error);
      held = is_held;
    });
    finish();
    return held;
  }
  void release(Lease& lease) {
    asio::co_spawn(loop, lease.release(services), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
    finish();
  }
  static SteadyTime now() { return std::chrono::steady_clock::now(); }

 private:
  void finish() {
    loop.restart();
    loop.run_for(seconds(30));
  }
  asio::io_context loop{1};
  ProbeServices services{loop};
};

TEST_F(Leases, what_is_not_there_is_created) {
  serve({no(404, "NotFound"), api_answer(201, lease("me", 1, 0))});
  Lease mine = candidate();
  EXPECT_FALSE(mine.held(now()));
  EXPECT_TRUE(renew(mine)) << mine.trouble();
  EXPECT_THAT(api->lines(), ElementsAre(kGet, "POST " + kLeases));
  EXPECT_THAT(
      api->request(1).body,
      MatchesRegex(R"(\{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":\{"name":"lookout",)"
                   R"("namespace":"demo"\},"spec":\{"leaseDurationSeconds":15,"acquireTime":"[-0-9]+T)"
                   R"([:0-9]+[.][0-9][0-9][0-9][0-9][0-9][0-9]Z","renewTime":"[-0-9]+T[:0-9]+[.][0-9]+Z",)"
                   R"("leaseTransitions":0,"holderIdentity":"me"\}\})"));
  EXPECT_EQ(mine.holder(), "me");
}

TEST_F(Leases, of_two_who_create_it_one_has_it) {
  serve({no(404, "NotFound"), no(409, "AlreadyExists", "leases lookout already exists")});
  Lease mine = candidate();
  EXPECT_FALSE(renew(mine));
  EXPECT_EQ(mine.trouble(), "HTTP 409: leases lookout already exists");
}

TEST_F(Leases, what_is_ours_is_renewed_with_the_version_that_was_read) {
  serve({ok(lease("me", 7)), ok(lease("me", 8)), ok(lease("me", 8)), ok(lease("me", 9))});
  Lease mine = candidate();
  EXPECT_TRUE(renew(mine));
  EXPECT_TRUE(renew(mine));
  EXPECT_THAT(api->lines(), ElementsAre(kGet, kPut, kGet, kPut));
  EXPECT_THAT(api->request(1).body, HasSubstr(R"("resourceVersion":"7")"));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("resourceVersion":"8")"));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("acquireTime":"2026-11-25T03:00:00.000000Z")"));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("leaseTransitions":3)"));
  EXPECT_EQ(mine.transitions(), 3);
}

TEST_F(Leases, another_replicas_is_left_alone) {
  serve({ok(lease("you", 7)), ok(lease("you", 8))});
  Lease mine = candidate();
  EXPECT_FALSE(renew(mine));
  EXPECT_FALSE(renew(mine));
  EXPECT_EQ(mine.holder(), "you");
  EXPECT_EQ(mine.trouble(), "");
  EXPECT_THAT(api->lines(), ElementsAre(kGet, kGet));
}

TEST_F(Leases, another_replicas_is_taken_once_it_has_not_changed_for_its_duration) {
  serve({ok(lease("you", 7, 3, 1)), ok(lease("you", 8, 3, 1)), ok(lease("you", 8, 3, 1)),
         ok(lease("me", 9, 4))});
  Lease mine = candidate();
  EXPECT_FALSE(renew(mine));
  std::this_thread::sleep_for(milliseconds(1100));
  EXPECT_FALSE(renew(mine)) << "it was renewed meanwhile";
  std::this_thread::sleep_for(milliseconds(1100));
  EXPECT_TRUE(renew(mine)) << mine.trouble();
  EXPECT_THAT(api->lines(), ElementsAre(kGet, kGet, kGet, kPut));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("holderIdentity":"me")"));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("leaseTransitions":4)"));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("resourceVersion":"8")"));
}

TEST_F(Leases, of_two_who_take_it_one_is_told_409) {
  serve({ok(lease("", 7)), no(409, "Conflict", "the object has been modified"), ok(lease("you", 8))});
  Lease mine = candidate();
  EXPECT_FALSE(renew(mine));
  EXPECT_EQ(mine.trouble(), "HTTP 409: the object has been modified");
  EXPECT_FALSE(renew(mine));
  EXPECT_EQ(mine.holder(), "you");
}

TEST_F(Leases, what_somebody_else_took_is_not_held_any_more) {
  serve({ok(lease("me", 7)), ok(lease("me", 8)), ok(lease("you", 9))});
  Lease mine = candidate();
  EXPECT_TRUE(renew(mine));
  EXPECT_FALSE(renew(mine));
  EXPECT_FALSE(mine.held(now()));
}

TEST_F(Leases, a_conflict_means_that_it_is_lost) {
  serve({ok(lease("me", 7)), ok(lease("me", 8)), ok(lease("me", 8)), no(409, "Conflict")});
  Lease mine = candidate();
  EXPECT_TRUE(renew(mine));
  EXPECT_FALSE(renew(mine));
}

TEST_F(Leases, what_cannot_be_renewed_is_held_until_the_renew_deadline_and_no_longer) {
  serve({ok(lease("me", 7)), ok(lease("me", 8)), no(503, "ServiceUnavailable"), kHangUp});
  Lease mine = candidate("me", seconds(4));
  EXPECT_TRUE(renew(mine));
  const SteadyTime renewed = now();
  EXPECT_TRUE(renew(mine)) << "one round that fails is no loss";
  EXPECT_THAT(mine.trouble(), HasSubstr("HTTP 503"));
  EXPECT_TRUE(mine.held(renewed));
  EXPECT_FALSE(mine.held(renewed + seconds(4)));
  std::this_thread::sleep_for(seconds(4));
  EXPECT_FALSE(renew(mine));
}

TEST_F(Leases, an_api_server_that_says_nothing_holds_a_round_up_for_half_the_deadline) {
  serve({kSilence});
  Lease mine = candidate("me", milliseconds(600));
  const SteadyTime began = now();
  EXPECT_FALSE(renew(mine));
  EXPECT_LT(now() - began, seconds(5));
  EXPECT_EQ(mine.trouble(), "the API server does not answer in time");
}

TEST_F(Leases, tells_what_the_role_lacks) {
  serve({no(403, "Forbidden"), ok(lease("", 7)), no(403, "Forbidden")});
  Lease mine = candidate();
  EXPECT_FALSE(renew(mine));
  EXPECT_EQ(mine.trouble(),
            "HTTP 403: the Role lacks the verb get for leases of coordination.k8s.io in namespace demo");
  EXPECT_FALSE(renew(mine));
  EXPECT_EQ(mine.trouble(),
            "HTTP 403: the Role lacks the verb update for leases of coordination.k8s.io in namespace demo");
}

TEST_F(Leases, is_given_back) {
  serve({ok(lease("me", 7)), ok(lease("me", 8)), ok(lease("me", 8)), ok(lease("", 9, 3, 1))});
  Lease mine = candidate();
  EXPECT_TRUE(renew(mine));
  release(mine);
  EXPECT_FALSE(mine.held(now()));
  EXPECT_THAT(api->lines(), ElementsAre(kGet, kPut, kGet, kPut));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("holderIdentity":"")"));
  EXPECT_THAT(api->request(3).body, HasSubstr(R"("leaseDurationSeconds":1)"));
}

TEST_F(Leases, what_is_another_replicas_is_not_given_back) {
  serve({ok(lease("you", 7))});
  Lease mine = candidate();
  release(mine);
  EXPECT_THAT(api->requests(), SizeIs(1));
}

}  // namespace
}  // namespace lookout::test
