// Unix sockets: addresses are unions that Swift sees badly, and credentials need _GNU_SOURCE.
#pragma once

// -ENAMETOOLONG where the path does not fit into an address.
static inline int cl_unix_address(const char *path, size_t bytes, struct sockaddr_un *address,
                                  socklen_t *length) {
  if (bytes + 1 > sizeof address->sun_path) return -ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, bytes);
  // A leading @ names an abstract socket, as in $NOTIFY_SOCKET.
  if (path[0] == '@') address->sun_path[0] = 0;
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes + (path[0] == '@' ? 0 : 1));
  return 0;
}
static inline int cl_unix_socket(int type) {
  return (int)CL_RESULT(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
}
static inline int cl_unix_bind(int socket, const char *path, size_t bytes) {
  struct sockaddr_un address;
  socklen_t length;
  int failure = cl_unix_address(path, bytes, &address, &length);
  return failure ? failure : (int)CL_RESULT(bind(socket, (struct sockaddr *)&address, length));
}
static inline int cl_unix_connect(int socket, const char *path, size_t bytes) {
  struct sockaddr_un address;
  socklen_t length;
  int failure = cl_unix_address(path, bytes, &address, &length);
  return failure ? failure : (int)CL_RESULT(connect(socket, (struct sockaddr *)&address, length));
}
static inline int cl_listen(int socket, int waiting) {
  return (int)CL_RESULT(listen(socket, waiting));
}
static inline int cl_accept(int socket) {
  return (int)CL_RESULT(accept4(socket, NULL, NULL, SOCK_CLOEXEC));
}
static inline long cl_send(int socket, const void *bytes, size_t count) {
  return CL_RESULT(send(socket, bytes, count, MSG_NOSIGNAL));
}
static inline long cl_receive(int socket, void *bytes, size_t count) {
  return CL_RESULT(recv(socket, bytes, count, 0));
}
// SO_PEERCRED: who connected.
static inline int cl_peer(int socket, int *pid, unsigned *uid, unsigned *gid) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  int result = (int)CL_RESULT(getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length));
  if (result == 0) *pid = peer.pid, *uid = peer.uid, *gid = peer.gid;
  return result;
}
// How long one send or receive may block; 0 blocks for ever.
static inline int cl_set_timeout(int socket, long milliseconds) {
  struct timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
  int result =
      (int)CL_RESULT(setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
  return result < 0 ? result
                    : (int)CL_RESULT(setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time));
}
static inline int cl_shutdown(int socket) { return (int)CL_RESULT(shutdown(socket, SHUT_RDWR)); }
