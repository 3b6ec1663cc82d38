// Which of several Lookouts that are given one configuration watches which of its targets.
//
// Each target belongs to one shard, by its name, so that nobody needs to know of the others. Targets that
// need each other to be judged belong together: those that depend on each other, and those that a plan of
// recovery asks before it fails back. Reference targets, and what these depend on, are watched by every
// shard, since each has to know whether it is itself cut off. With one shard more or less, only the targets
// move that must. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lookout {

struct Config;

struct Shard {
  std::size_t index = 0;  // below count
  std::size_t count = 1;
  bool operator==(const Shard&) const = default;
};

// "I/N"; nullopt if it is none.
std::optional<Shard> parse_shard(std::string_view text);
std::string describe(const Shard& shard);

// The same configuration with the targets of one shard. Recovery's lock and lease get names of their own, as
// the one that acts is chosen among those that watch the same.
std::shared_ptr<const Config> share_of(const std::shared_ptr<const Config>& whole, const Shard& shard);

}  // namespace lookout
