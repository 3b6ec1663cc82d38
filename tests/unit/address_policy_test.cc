// Which addresses /probe may reach, in all the ways in which an address can be written.
#include "probes/net/address_policy.h"

#include <gtest/gtest.h>

namespace lookout {
namespace {

AddressPolicy policy(const std::string& yaml) {
  Problems problems("test.yml");
  AddressPolicy policy;
  read_value(*parse_yaml(yaml, problems), policy, problems);
  for (const Problem& problem : problems.sorted()) ADD_FAILURE() << describe(problem);
  return policy;
}

bool allows(const AddressPolicy& policy, const char* address) { return policy.allows(*parse_ip(address)); }

TEST(AddressPolicy, AllowsEverythingUnlessTold) { EXPECT_TRUE(allows(AddressPolicy(), "127.0.0.1")); }

TEST(AddressPolicy, DeniesNetworks) {
  const AddressPolicy inside =
      policy("{deny: [10.0.0.0/8, 127.0.0.0/8, 169.254.169.254, '::1', 'fe80::/10']}");
  for (const char* address :
       {"10.0.0.0", "10.255.255.255", "127.0.0.1", "127.9.9.9", "169.254.169.254", "::1", "fe80::1",
        "fe80::1%lo", "febf::1", "::ffff:10.1.2.3", "::10.1.2.3", "64:ff9b::10.1.2.3", "64:ff9b::a00:1",
        "0.0.0.0", "::", "::ffff:0.0.0.0", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(allows(inside, address)) << address;
  }
  for (const char* address : {"9.255.255.255", "11.0.0.0", "169.254.169.253", "::2", "fec0::1", "2001:db8::1",
                              "::ffff:11.0.0.1", "64:ff9b::11.0.0.1"}) {
    EXPECT_TRUE(allows(inside, address)) << address;
  }
}

TEST(AddressPolicy, AllowsOnlyWhatIsListedAndNotDenied) {
  const AddressPolicy some = policy("{allow: [192.0.2.0/25, '2001:db8::/33'], deny: [192.0.2.7]}");
  for (const char* address :
       {"192.0.2.1", "192.0.2.127", "2001:db8::1", "2001:db8:7fff::1", "::ffff:192.0.2.1"})
    EXPECT_TRUE(allows(some, address)) << address;
  for (const char* address :
       {"192.0.2.7", "192.0.2.128", "::ffff:192.0.2.7", "2001:db8:8000::1", "127.0.0.1", "::1"})
    EXPECT_FALSE(allows(some, address)) << address;
}

TEST(AddressPolicy, TakesWholeFamilies) {
  const AddressPolicy four = policy("{allow: [0.0.0.0/0]}");
  EXPECT_TRUE(allows(four, "203.0.113.9"));
  EXPECT_FALSE(allows(four, "2001:db8::1"));
}

TEST(AddressPolicy, RefusesWhatIsNoNetwork) {
  for (const std::string bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "example.org", "''",
                                "'::/129'", "'[::1]'", "10.0.0.0/-1"}) {
    Problems problems("test.yml");
    AddressPolicy read;
    read_value(*parse_yaml("{deny: [" + bad + "]}", problems), read, problems);
    ASSERT_EQ(problems.size(), 1u) << bad;
    EXPECT_NE(problems.sorted().front().message.find("is no network; write e.g. 10.0.0.0/8"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace lookout
