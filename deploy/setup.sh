# Sourced by the scripts beside it: where things are in this clone, and how Lookout is built.
# shellcheck shell=bash disable=SC2034 # used by those scripts
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/release
lookout=$build/exporter/lookout

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

step() { printf '== %s\n' "$*"; }

# A compiler of such files takes up to a gigabyte, and a machine that swaps is slower than one with fewer jobs.
jobs() {
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable:/ {print int($2 / 1048576)}' /proc/meminfo)
  [ "${gigabytes:-0}" -ge 1 ] || gigabytes=1
  echo $((cores < gigabytes ? cores : gigabytes))
}

build_lookout() {
  local log=$root/build/configure.log
  mkdir -p "$root/build"
  if [ ! -e "$build/build.ninja" ]; then
    echo "Configuring"
    (cd "$root" && cmake --preset release -DLOOKOUT_TESTS=OFF -DLOOKOUT_BENCH=OFF) >"$log" 2>&1 || {
      tail -n 30 "$log" >&2
      fail "cmake could not configure the build; all it said is in $log"
    }
  fi
  NINJA_STATUS="[%f/%t, %e s] " ninja -C "$build" -j "$(jobs)" lookout ||
    fail "the build failed: the first error is above"
}
