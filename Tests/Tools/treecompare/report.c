// What differs, the first twenty in words.
#include "treecompare.h"
#include <stdarg.h>

enum { PRINTED_MAX = 20 };
uint64_t differences, troubles;

void print_escaped(const char *bytes) {
    for (; *bytes; bytes++) {
        unsigned char byte = *bytes;
        if (byte == '\\') fputs("\\\\", stdout);
        else if (byte < 0x20 || byte >= 0x7f) printf("\\x%02x", byte);
        else putchar(byte);
    }
}

// Both ends of a long path: names of 255 bytes would bury the rest.
static void print_path(void) {
    enum { END_MAX = 160 };
    char *path = copy_of_path();
    size_t length = strlen(path);
    if (length > 2 * END_MAX) {
        path[END_MAX] = 0;
        print_escaped(path);
        printf(" ... ");
        print_escaped(path + length - END_MAX);
    } else {
        print_escaped(path);
    }
    free(path);
    fputs(": ", stdout);
}

void difference(const char *format, ...) {
    if (differences++ >= PRINTED_MAX) return;
    print_path();
    va_list arguments;
    va_start(arguments, format);
    char text[4096];
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_escaped(text);
    putchar('\n');
}

void trouble(const char *what, int side) {
    int error = errno;
    if (troubles++ >= PRINTED_MAX) return;
    print_path();
    printf("trouble in %c: %s: %s\n", "AB"[side], what, strerror(error));
}
