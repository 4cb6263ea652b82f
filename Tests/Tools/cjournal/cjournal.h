// SPDX-License-Identifier: Apache-2.0
//
// What journalspeed makes: changes in flat arrays, read as they are.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct slice {
  uint32_t offset, count;
};

struct object {
  uint64_t id;
  int64_t modifiedSeconds, changedSeconds, drainedSeconds;
  uint64_t device, size;
  uint32_t modifiedNanoseconds, changedNanoseconds;
  uint32_t mode, uid, gid, facts;
  uint32_t firstLink, linkCount;
  struct slice key, target, extended;
};

struct link {
  uint64_t parent;
  struct slice name;
  uint32_t isGained, zero;
};

// One commit's part of the arrays; what its objects refer to counts from the start of that part.
struct commit {
  const struct object *objects;
  const struct link *links;
  const uint8_t *bytes;
  uint64_t objectCount, linkCount, byteCount;
};

// A file of journalspeed in memory.
struct workload {
  struct commit *commits;
  uint64_t commitCount, objectCount;
};

struct workload load(const char *path);

// Writes the content of a commit's frame; there is room for it.
uint8_t *encode(uint8_t *at, const struct commit *commit, uint64_t sequence, uint64_t chain, uint64_t incarnation);

// What the content of a commit's frame takes at most.
size_t bound(const struct commit *commit);

// XXH64, as the specification of xxHash has it.
uint64_t checksum(const uint8_t *bytes, size_t count, uint64_t seed);

_Noreturn void fail(const char *what);
