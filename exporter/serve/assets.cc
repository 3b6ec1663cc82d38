#include "exporter/serve/assets.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "exporter/serve/query.h"

namespace lookout {
namespace {

struct Asset {
  std::string_view name;
  std::string_view content_type;
  std::string_view content;
};

constexpr std::array kAssets{
    Asset{
        "style.css",
        "text/css; charset=utf-8",
#include "style.css.inc"
    },
    Asset{
        "live.js",
        "text/javascript; charset=utf-8",
#include "live.js.inc"
    },
    Asset{
        "icon.svg",
        "image/svg+xml",
#include "icon.svg.inc"
    },
};

// FNV-1a.
constexpr std::uint32_t fingerprint(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  return hash;
}

std::string version_of(const Asset& asset) { return fmt::format("{:08x}", fingerprint(asset.content)); }

const Asset* find_asset(std::string_view name) {
  for (const Asset& asset : kAssets) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

}  // namespace

std::string asset_path(std::string_view name) {
  return fmt::format("assets/{}?v={}", name, version_of(*find_asset(name)));
}

Response asset_response(std::string_view name, std::string_view query) {
  const Asset* asset = find_asset(name);
  if (asset == nullptr) return error_response(404, "404 page not found");
  Response response;
  response.content_type = asset->content_type;
  response.body = asset->content;
  response.compressible = true;
  const bool this_one = query_value(query, "v") == version_of(*asset);
  response.headers.emplace_back("Cache-Control",
                                this_one ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace lookout
