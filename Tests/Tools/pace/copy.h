#pragma once
#include <stdbool.h>

/// Copies what is written in a tree until it has copied a file called `end`; copies content and names, and nothing
/// else.
int copy(const char *source, const char *destination, bool synced);
