// A connected pair of local sockets of which libcurl makes the connection itself. It must: libcurl 7.88 calls
// connect() even on a socket that it was told is connected. A TCP socket whose connecting finished in the
// background takes that call well (it returns 0 once); one end of a socketpair(2) answers EISCONN, and the
// transfer fails.
//
// So there is one listening socket per loop, in the abstract namespace (no file), and each pair takes three
// calls: open(), libcurl's connect(), accept(). A connection that is not of this process is turned away.
#pragma once

#include <cstddef>

#include <sys/socket.h>

namespace lookout {

// Closes its descriptor.
class LocalDescriptor {
 public:
  explicit LocalDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
  LocalDescriptor(LocalDescriptor&& other) noexcept : descriptor_(other.release()) {}
  LocalDescriptor& operator=(LocalDescriptor&&) = delete;
  ~LocalDescriptor();
  int get() const { return descriptor_; }
  int release();

 private:
  int descriptor_;
};

class LocalListener {
 public:
  // Throws boost::system::system_error when there is no descriptor to be had.
  LocalListener();

  // An unconnected, non-blocking socket; -1 with errno when there is none.
  static int open();
  // Where it has to be connected to. `address` has room for sockaddr_storage; returns the length.
  socklen_t write_address(sockaddr* address) const;
  // The other end of what was connected last; -1 when this process has no connection waiting.
  int accept();

 private:
  LocalDescriptor listening_;
  int left_behind_ = 0;  // own connections that are queued although nobody waits for them any more
};

}  // namespace lookout
