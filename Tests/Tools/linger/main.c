// linger CALL PROGRAM [ARGUMENT]...
//
// Runs PROGRAM, and `sh -c CALL` before it and each process that it starts may end: until then all
// that /proc says of them can be read. Ends as PROGRAM does. See ptrace(2), PTRACE_EVENT_EXIT.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int call(const char *command) {
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return status;
}

int main(int argc, char **argv) {
    int ready[2];
    if (argc < 3 || pipe(ready)) return 64;
    pid_t first = fork();
    if (first == 0) {
        char byte;
        close(ready[1]);
        // It begins once it is traced.
        if (read(ready[0], &byte, 1) == 1) execvp(argv[2], argv + 2);
        _exit(127);
    }
    close(ready[0]);
    long wishes = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT |
                  PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, first, 0, wishes) || write(ready[1], "x", 1) != 1) {
        perror("linger: cannot trace");
        return 1;
    }
    int code = 1, status;
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) return code;
        if (!WIFSTOPPED(status)) {
            if (pid == first) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        int event = status >> 16;
        if (event == PTRACE_EVENT_EXIT && call(argv[1])) fprintf(stderr, "linger: the call failed\n");
        // A stop without an event stands for a signal, which is passed on.
        ptrace(PTRACE_CONT, pid, 0, event ? 0 : WSTOPSIG(status));
    }
}
