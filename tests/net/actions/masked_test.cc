// What is told of an action: no secret in it, whatever the secrets are.
#include <array>

#include <gtest/gtest.h>

#include "exporter/actions/action.h"

namespace lookout::test {
namespace {

using Secrets = std::vector<std::string>;

TEST(ShownOutput, masks_each_secret_wherever_it_is) {
  EXPECT_EQ(shown_output("a hunter2 b hunter2", Secrets{"hunter2"}), "a <secret> b <secret>");
}

TEST(ShownOutput, a_secret_may_be_part_of_what_takes_its_place) {
  EXPECT_EQ(shown_output("my secret", Secrets{"secret"}), "my <secret>");
}

TEST(ShownOutput, a_secret_may_begin_another) {
  EXPECT_EQ(shown_output("hunter2hunter3 hunter2", Secrets{"hunter2", "hunter2hunter3"}),
            "<secret> <secret>");
}

TEST(ShownOutput, of_what_is_too_short_to_be_one_the_text_stays) {
  EXPECT_EQ(shown_output("abc", Secrets{"", "a", "abc"}), "abc");
}

}  // namespace
}  // namespace lookout::test
