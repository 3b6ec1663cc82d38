#include "probes/unix/unix.h"

#include "probes/net/dial.h"

namespace lookout {

Task<Outcome> probe_unix(const UnixConfig& config, const Target& target, ProbeRun& run) {
  Attempt<Stream> stream = co_await dial_local(run, target.address);
  if (!stream) co_return stream.error();
  const std::string& name =
      config.tls_config.server_name.empty() ? target.hostname : config.tls_config.server_name;
  if (config.tls) {
    if (Outcome failure = co_await secure(run, *stream, config.tls_config, name)) co_return failure;
  }
  co_return co_await converse(run, *stream, config.query_response, StartTls{&config.tls_config, name});
}

}  // namespace lookout
