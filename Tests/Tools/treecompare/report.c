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

static void print_path(void) {
    char *path = copy_of_path();
    print_escaped(path);
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
