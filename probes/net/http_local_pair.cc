#include "probes/net/http_local_pair.h"

#include <boost/system/system_error.hpp>
#include <sys/un.h>
#include <unistd.h>

namespace lookout {
namespace {

constexpr int kBacklog = 64;  // connections of strangers that a single accept() is ready to turn away

[[noreturn]] void throw_errno() {
  throw boost::system::system_error(errno, boost::system::system_category());
}

bool is_own(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == ::getpid();
}

}  // namespace

LocalDescriptor::~LocalDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int LocalDescriptor::release() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  return descriptor;
}

int LocalListener::open() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

LocalListener::LocalListener() : listening_(open()) {
  if (listening_.get() < 0) throw_errno();
  sockaddr_un any{};
  any.sun_family = AF_UNIX;
  // An address without a path has the kernel choose a free abstract name: unix(7), autobind.
  if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any.sun_family) != 0)
    throw_errno();
  if (::listen(listening_.get(), kBacklog) != 0) throw_errno();
}

socklen_t LocalListener::write_address(sockaddr* address) const {
  socklen_t size = sizeof(sockaddr_un);
  return ::getsockname(listening_.get(), address, &size) == 0 ? size : 0;
}

int LocalListener::accept() {
  for (int strangers = 0; strangers <= kBacklog;) {
    LocalDescriptor peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (peer.get() < 0) {
      // Without a descriptor the connection stays in the queue, before those of later calls.
      left_behind_ = errno == EAGAIN ? 0 : left_behind_ + 1;
      return -1;
    }
    if (!is_own(peer.get())) {
      ++strangers;
    } else if (left_behind_ == 0) {
      return peer.release();
    } else {
      --left_behind_;
    }
  }
  return -1;
}

}  // namespace lookout
