// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cjournal.h"

// Memory of its own, as every commit has that comes from somewhere.
static const void *own(const void *bytes, size_t count) { return memcpy(malloc(count + 1), bytes, count); }

// The file: how many commits, objects, links and bytes; the three counts of each commit; then the arrays.
struct workload load(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status)) fail(path);
  uint8_t *all = malloc((size_t)status.st_size);
  for (off_t done = 0; done < status.st_size;) {
    ssize_t read_ = pread(file, all + done, (size_t)(status.st_size - done), done);
    if (read_ <= 0) fail(path);
    done += read_;
  }
  close(file);
  const uint64_t *counts = (const uint64_t *)all;
  struct workload made = {.commitCount = counts[0], .objectCount = counts[1]};
  made.commits = calloc(counts[0], sizeof *made.commits);
  const uint64_t *of = counts + 4;
  const struct object *objects = (const struct object *)(of + 3 * counts[0]);
  const struct link *links = (const struct link *)(objects + counts[1]);
  const uint8_t *bytes = (const uint8_t *)(links + counts[2]);
  for (uint64_t index = 0; index < counts[0]; index++, of += 3) {
    made.commits[index] = (struct commit){
        own(objects, of[0] * sizeof *objects), own(links, of[1] * sizeof *links), own(bytes, of[2]),
        of[0], of[1], of[2]};
    objects += of[0];
    links += of[1];
    bytes += of[2];
  }
  free(all);
  return made;
}
