// exits DIR PREFIX COUNT
//
// Forks COUNT children one after another; each makes the file PREFIXn in DIR, writes a byte into it
// and exits at once.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 4 || chdir(argv[1])) return 64;
    for (int i = 0, count = atoi(argv[3]); i < count; i++) {
        pid_t child = fork();
        if (child < 0) return 1;
        if (child == 0) {
            char name[64];
            snprintf(name, sizeof name, "%s%d", argv[2], i);
            int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
            _exit(file < 0 || write(file, "x", 1) != 1);
        }
        int status;
        if (waitpid(child, &status, 0) != child || status) return 1;
    }
    return 0;
}
