// Where a target of any kind lies: host and port out of a URL, host:port, an address. For texts only; what a
// probe does with its target is its kind's own. Pure.
#pragma once

#include <string>
#include <string_view>

namespace lookout {

struct ProbePlace {
  std::string host;  // without brackets; empty: none
  std::string port;  // of the scheme or of the kind where the target names none; empty: none
  bool operator==(const ProbePlace&) const = default;
};

// Only what is safe to paste into a shell: a host or port with other characters counts as none.
ProbePlace place_of(std::string_view target, std::string_view kind);

}  // namespace lookout
