// Processes: pidfds, /proc, and the process events of the kernel's connector.
#pragma once

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>

// Linux 6.6: a listener names the kinds of events that it wants.
struct cl_process_wish {
  int32_t operation;
  uint32_t kinds;
};
enum { CL_PROCESS_FORK = 1, CL_PROCESS_EXEC = 2, CL_PROCESS_OWNER = 4, CL_PROCESS_LOST = 0 };

struct cl_process_event {
  uint32_t kind;
  int32_t pid;
  int32_t parent;
};

static inline int cl_pidfd_open(int pid) {
  return (int)CL_RESULT(syscall(SYS_pidfd_open, pid, 0));
}
// Succeeds as long as the process has not been waited for.
static inline int cl_pidfd_check(int pidfd) {
  return (int)CL_RESULT(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
}
// A directory of /proc stays that of its process, whoever has the number later.
static inline int cl_open_process(int pid) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d", pid);
  return (int)CL_RESULT(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}
static inline long cl_process_link(int process, const char *name, void *buffer, size_t bytes) {
  return CL_RESULT(readlinkat(process, name, (char *)buffer, bytes));
}
static inline long cl_process_file(int process, const char *name, void *buffer, size_t bytes) {
  int file = openat(process, name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  size_t done = 0;
  long result = 0;
  while (done < bytes && (result = read(file, (char *)buffer + done, bytes - done)) > 0) {
    done += result;
  }
  if (result < 0) result = -errno;
  close(file);
  return result < 0 && done == 0 ? result : (long)done;
}

// The calling thread runs before all that have no real-time priority; its children do not.
static inline int cl_run_first(void) {
  struct sched_param parameters = {.sched_priority = 1};
  return (int)CL_RESULT(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters));
}

static inline int cl_process_events_send(int socket, const void *body, uint16_t bytes) {
  char request[NLMSG_LENGTH(sizeof(struct cn_msg) + sizeof(struct cl_process_wish))]
      __attribute__((aligned(8))) = {0};
  struct nlmsghdr *header = (struct nlmsghdr *)request;
  struct cn_msg *message = (struct cn_msg *)NLMSG_DATA(header);
  header->nlmsg_len = NLMSG_LENGTH(sizeof(struct cn_msg) + bytes);
  header->nlmsg_type = NLMSG_DONE;
  message->id.idx = CN_IDX_PROC;
  message->id.val = CN_VAL_PROC;
  message->len = bytes;
  memcpy(message->data, body, bytes);
  return (int)CL_RESULT(send(socket, request, header->nlmsg_len, 0));
}
// One message of the kernel. NULL with *failure = -EAGAIN where there is none.
static inline const struct proc_event *cl_process_events_next(int socket, void *buffer, size_t bytes,
                                                              int *failure) {
  for (;;) {
    struct sockaddr_nl from;
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(socket, buffer, bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return *failure = -errno, (const struct proc_event *)NULL;
    const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
    // Others with the privilege can send to the group as well; the kernel has the number 0.
    if (from.nl_pid != 0 ||
        count < (ssize_t)NLMSG_LENGTH(sizeof(struct cn_msg) + sizeof(struct proc_event)) ||
        header->nlmsg_len > count)
      continue;
    const struct cn_msg *message = (const struct cn_msg *)NLMSG_DATA(header);
    if (message->id.idx != CN_IDX_PROC || message->id.val != CN_VAL_PROC) continue;
    return (const struct proc_event *)message->data;
  }
}
// A socket on which the kernel tells of every fork, exec and change of owner.
// -EPERM without CAP_NET_ADMIN before Linux 6.6; -EOPNOTSUPP in a namespace where it stays silent.
static inline int cl_process_events_open(int buffer_bytes) {
  int socket_number = (int)CL_RESULT(
      socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR));
  if (socket_number < 0) return socket_number;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
  int result = (int)CL_RESULT(bind(socket_number, (struct sockaddr *)&address, sizeof address));
  if (result == 0) {
    setsockopt(socket_number, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes);
    struct cl_process_wish wish = {.operation = PROC_CN_MCAST_LISTEN,
                                   .kinds = CL_PROCESS_FORK | CL_PROCESS_EXEC | CL_PROCESS_OWNER};
    // Kernels before 6.6 pass over what is longer than they know.
    uint16_t lengths[2] = {sizeof wish, sizeof wish.operation};
    result = -EOPNOTSUPP;
    for (int at = 0; at < 2 && result == -EOPNOTSUPP; at++) {
      int sent = cl_process_events_send(socket_number, &wish, lengths[at]);
      if (sent < 0) result = sent;
      char buffer[256] __attribute__((aligned(8)));
      int failure;
      const struct proc_event *event;
      // The answer is there when the request returns, behind events that came before it.
      while (sent >= 0 && (event = cl_process_events_next(socket_number, buffer, sizeof buffer,
                                                          &failure))) {
        if ((int)event->what != 0) continue;
        result = -(int)event->event_data.ack.err;
        break;
      }
    }
  }
  if (result == 0) return socket_number;
  close(socket_number);
  return result;
}
// Up to `most` events; kind CL_PROCESS_LOST where some were lost before.
static inline long cl_process_events_read(int socket, struct cl_process_event *events, long most) {
  char buffer[256] __attribute__((aligned(8)));
  long count = 0;
  while (count < most) {
    int failure = 0;
    const struct proc_event *event =
        cl_process_events_next(socket, buffer, sizeof buffer, &failure);
    if (!event && failure == -ENOBUFS) {
      events[count++] = (struct cl_process_event){CL_PROCESS_LOST, 0, 0};
      continue;
    }
    if (!event) break;
    int kind = (int)event->what;
    if (kind == CL_PROCESS_FORK) {
      // A thread is no process.
      if (event->event_data.fork.child_pid != event->event_data.fork.child_tgid) continue;
      events[count++] = (struct cl_process_event){CL_PROCESS_FORK, event->event_data.fork.child_tgid,
                                                  event->event_data.fork.parent_tgid};
    } else if (kind == CL_PROCESS_EXEC) {
      events[count++] =
          (struct cl_process_event){CL_PROCESS_EXEC, event->event_data.exec.process_tgid, 0};
    } else if (kind == CL_PROCESS_OWNER) {
      events[count++] =
          (struct cl_process_event){CL_PROCESS_OWNER, event->event_data.id.process_tgid, 0};
    }
  }
  return count;
}
