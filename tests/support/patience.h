// How much slower than elsewhere everything may be: under sanitizers, on machines that are busy anyway,
// tests' deadlines and their limits of time are so many times longer.
#pragma once

namespace lookout::test {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr int kPatience = 5;
#else
inline constexpr int kPatience = 1;
#endif

}  // namespace lookout::test
