// SPDX-License-Identifier: Apache-2.0
//
// What a journal's writer does, without any of its promises: to measure beside it.
//
//   cjournal write WORKLOAD DIRECTORY SEGMENT_BYTES     encodes, compresses, chains and writes; fdatasync for
//                                                       each segment. Prints records, seconds, seconds of
//                                                       processor, bytes, bytes before compression
//   cjournal sync FILE TIMES BYTES                      appends so many bytes and prints the microseconds of
//                                                       each fdatasync(2)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cjournal.h"

void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void writeAll(int file, const void *bytes, size_t count, off_t at) {
  while (count > 0) {
    ssize_t done = pwrite(file, bytes, count, at);
    if (done < 0) fail("write");
    bytes = (const char *)bytes + done;
    count -= (size_t)done;
    at += done;
  }
}

static int segment(const char *directory, uint64_t first) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%020llu.frames", directory, (unsigned long long)first);
  int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail(path);
  return file;
}

static int writes(const char *path, const char *directory, off_t segmentBytes) {
  struct workload workload = load(path);
  LZ4F_preferences_t preferences = {
      .frameInfo = {.blockSizeID = LZ4F_max1MB,
                    .blockMode = LZ4F_blockIndependent,
                    .contentChecksumFlag = LZ4F_contentChecksumEnabled,
                    .blockChecksumFlag = LZ4F_blockChecksumEnabled}};
  size_t most = 0;
  for (uint64_t index = 0; index < workload.commitCount; index++)
    if (bound(&workload.commits[index]) > most) most = bound(&workload.commits[index]);
  uint8_t *plain = malloc(most), *frame = malloc(LZ4F_compressFrameBound(most, &preferences));
  uint64_t chain = 0, written = 0, contents = 0;
  off_t at = 0;
  double start = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
  int file = segment(directory, 1);
  for (uint64_t index = 0; index < workload.commitCount; index++) {
    if (at >= segmentBytes) {
      if (fdatasync(file)) fail("sync");
      close(file);
      file = segment(directory, index + 1);
      at = 0;
    }
    size_t count = (size_t)(encode(plain, &workload.commits[index], index + 1, chain, 9) - plain);
    chain = checksum(plain, count, chain);
    preferences.frameInfo.contentSize = count;
    size_t size = LZ4F_compressFrame(frame, LZ4F_compressFrameBound(count, &preferences), plain, count, &preferences);
    if (LZ4F_isError(size)) fail("compress");
    writeAll(file, frame, size, at);
    at += (off_t)size;
    written += size;
    contents += count;
  }
  if (fdatasync(file)) fail("sync");
  printf("%llu %.6f %.6f %llu %llu\n", (unsigned long long)workload.objectCount,
         seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID) - used,
         (unsigned long long)written, (unsigned long long)contents);
  return 0;
}

static int syncs(const char *path, int times, size_t count) {
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) fail(path);
  char *bytes = malloc(count);
  memset(bytes, 'a', count);
  off_t at = lseek(file, 0, SEEK_END);
  for (int round = 0; round < times; round++, at += (off_t)count) {
    writeAll(file, bytes, count, at);
    double start = seconds(CLOCK_MONOTONIC);
    if (fdatasync(file)) fail("sync");
    printf("%.1f\n", (seconds(CLOCK_MONOTONIC) - start) * 1e6);
  }
  return 0;
}

int main(int count, char **arguments) {
  if (count == 5 && !strcmp(arguments[1], "write"))
    return writes(arguments[2], arguments[3], atoll(arguments[4]));
  if (count == 5 && !strcmp(arguments[1], "sync"))
    return syncs(arguments[2], atoi(arguments[3]), (size_t)atoll(arguments[4]));
  fprintf(stderr, "usage: cjournal write WORKLOAD DIRECTORY SEGMENT_BYTES | sync FILE TIMES BYTES\n");
  return 64;
}
