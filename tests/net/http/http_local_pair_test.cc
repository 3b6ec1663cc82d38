#include "probes/net/http_local_pair.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/conversation.h"

namespace lookout::test {
namespace {

LocalDescriptor connected_to(const LocalListener& listener) {
  sockaddr_storage address{};
  const socklen_t size = listener.write_address(reinterpret_cast<sockaddr*>(&address));
  LocalDescriptor end(LocalListener::open());
  EXPECT_EQ(::connect(end.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  return end;
}

void expect_pair(const LocalDescriptor& one, const LocalDescriptor& other) {
  ASSERT_EQ(::send(one.get(), "x", 1, 0), 1);
  char got = 0;
  EXPECT_EQ(::recv(other.get(), &got, 1, 0), 1);
}

TEST(HttpLocalPair, ends_belong_together) {
  LocalListener listener;
  const LocalDescriptor one = connected_to(listener);
  expect_pair(one, LocalDescriptor(listener.accept()));
  EXPECT_EQ(listener.accept(), -1);
}

TEST(HttpLocalPair, a_lack_of_descriptors_spoils_that_pair_and_no_later_one) {
  LocalListener listener;
  for (int lacks = 1; lacks <= 3; ++lacks) {
    {
      const LocalDescriptor lost = connected_to(listener);
      const NoDescriptors none;
      EXPECT_EQ(listener.accept(), -1);
    }
    const LocalDescriptor next = connected_to(listener);
    expect_pair(next, LocalDescriptor(listener.accept()));
  }
}

}  // namespace
}  // namespace lookout::test
