// SPDX-License-Identifier: Apache-2.0
//
// The columns of Sources/Journal/Documentation.docc/Format.md, with the tricks that Sources/Journal has: objects
// with the same facts stand together, each column is written at a place of its own with room for all that can
// come, a block of objects after the other while they are in the processor's cache.
#include <stdlib.h>
#include <string.h>
#include "cjournal.h"

enum { created = 1, extendedAttributes = 8, content = 16, unsettled = 32 };
enum { ids = 1, facts, modes, owners, groups, devices, sizes, modified, nanoseconds, changed, changedNanoseconds,
       drained, linkCounts, keys, targets, extended, parents, names, columnEnd };
enum { blockCount = 128, slack = 32 };

static inline uint8_t *longVarint(uint8_t *at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)value | 0x80;
  *at++ = (uint8_t)value;
  return at;
}

// All groups at once: how many there are is what a processor guesses wrong.
static inline uint8_t *spread(uint8_t *at, uint64_t value) {
  uint64_t bits;
  if (value < 1 << 28) {
    bits = (value & 0x3FFF) | (value & 0xFFFC000) << 2;
  } else {
    if (value >= 1ull << 56) return longVarint(at, value);
    bits = (value & 0x0FFFFFFF) | (value & 0xFFFFFFF0000000) << 4;
    bits = (bits & 0x00003FFF00003FFF) | (bits & 0x0FFFC0000FFFC000) << 2;
  }
  bits = (bits & 0x007F007F007F007F) | (bits & 0x3F803F803F803F80) << 1;
  int top = (63 - __builtin_clzll(bits | 1)) & ~7;
  bits |= 0x8080808080808080 & ((1ull << top) - 1);
  memcpy(at, &bits, 8);
  return at + top / 8 + 1;
}

static inline uint8_t *varint(uint8_t *at, uint64_t value) {
  if (value >= 0x80) return spread(at, value);
  *at = (uint8_t)value;
  return at + 1;
}

static inline uint64_t folded(int64_t value) { return (uint64_t)value << 1 ^ (uint64_t)(value >> 63); }

static inline uint8_t *number(uint8_t *at, const void *value, size_t bytes) {
  memcpy(at, value, bytes);
  return at + bytes;
}

static inline uint8_t *copied(uint8_t *at, const struct commit *c, struct slice slice) {
  if (slice.count <= 16 && slice.offset + 16 <= c->byteCount) memcpy(at, c->bytes + slice.offset, 16);
  else memcpy(at, c->bytes + slice.offset, slice.count);
  return at + slice.count;
}

struct run {
  uint64_t value, count;
};

static inline uint8_t *run(uint8_t *at, struct run run) { return run.count ? varint(varint(at, run.value), run.count) : at; }

static inline uint8_t *next(uint8_t *at, struct run *last, uint64_t value) {
  if (value != last->value) {
    at = run(at, *last);
    *last = (struct run){value, 0};
  }
  last->count++;
  return at;
}

static inline int kind(const struct object *object) { return object->mode >> 12; }
static inline int hasSize(const struct object *o) { return kind(o) == 8 || kind(o) == 10; }

size_t bound(const struct commit *commit) {
  return 4096 + commit->objectCount * 160 + commit->linkCount * 24 + commit->byteCount;
}

static uint8_t *header(uint8_t *at, uint64_t sequence, uint64_t chain, uint64_t incarnation) {
  uint16_t commitFlags = sequence == 1 ? 4 : 0, frameFlags = 0;
  int64_t seconds = 1700000000, drainedSeconds = 0;
  uint32_t nanosecond = 0;
  at = number(at, "TLC1", 4);
  at = number(at, &commitFlags, 2);
  at = number(at, &frameFlags, 2);
  at = number(at, &sequence, 8);
  at = number(at, &chain, 8);
  at = number(at, &incarnation, 8);
  for (int time = 0; time < 2; time++) {
    at = number(at, &seconds, 8);
    at = number(at, &nanosecond, 4);
  }
  return number(at, &drainedSeconds, 8);
}

static void *atLeast(void *kept, size_t *room, size_t bytes) {
  if (*room >= bytes) return kept;
  free(kept);
  return malloc(*room = bytes);
}

// Which objects stand where: those with the same facts and number of links together, otherwise as they come.
static const uint32_t *ordered(const struct commit *c) {
  static uint32_t *order;
  static uint8_t *classes;
  static size_t room, classRoom;
  uint32_t starts[256] = {0};
  order = atLeast(order, &room, c->objectCount * 4);
  classes = atLeast(classes, &classRoom, c->objectCount);
  for (size_t at = 0; at < c->objectCount; at++) {
    const struct object *o = c->objects + at;
    classes[at] = (uint8_t)(o->facts << 2 | (o->linkCount < 3 ? o->linkCount : 3));
    starts[classes[at]]++;
  }
  for (uint32_t class = 0, start = 0; class < 256; class++) {
    uint32_t count = starts[class];
    starts[class] = start;
    start += count;
  }
  for (size_t at = 0; at < c->objectCount; at++) order[starts[classes[at]]++] = (uint32_t)at;
  return order;
}

// Appends a key with each word of it as its difference to that of the key before.
static inline uint8_t *differences(uint8_t *at, const uint8_t *key, const uint8_t *before, uint32_t count) {
  uint32_t place = 0;
  for (; place + 4 <= count; place += 4) {
    uint32_t new, old = 0;
    memcpy(&new, key + place, 4);
    if (before) memcpy(&old, before + place, 4);
    uint32_t difference = new - old;
    difference = difference << 1 ^ (uint32_t)((int32_t)difference >> 31);
    memcpy(at + place, &difference, 4);
  }
  for (; place < count; place++) at[place] = key[place];
  return at + count;
}

static uint8_t *planes(uint8_t *at, const uint8_t *words, size_t count, size_t length) {
  for (size_t place = 0; place < length; place++, words++)
    for (const uint8_t *byte = words, *end = byte + count * length; byte < end; byte += length) *at++ = *byte;
  return at;
}

uint8_t *encode(uint8_t *at, const struct commit *c, uint64_t sequence, uint64_t chain, uint64_t incarnation) {
  static uint8_t *area;
  static size_t room;
  const size_t most[columnEnd] = {
      [ids] = 9, [facts] = 6, [modes] = 6, [owners] = 8, [groups] = 8, [devices] = 10, [sizes] = 10, [modified] = 10,
      [nanoseconds] = 4, [changed] = 13, [changedNanoseconds] = 5, [drained] = 13, [linkCounts] = 8, [keys] = 8,
      [targets] = 5, [extended] = 8};
  const struct object *o = c->objects;
  size_t count = c->objectCount, links = c->linkCount;
  area = atLeast(area, &room, bound(c) + c->byteCount + columnEnd * slack + slack);
  uint8_t *start[columnEnd], *end[columnEnd], *place = area;
  for (int column = ids; column < columnEnd; column++) {
    start[column] = end[column] = place;
    place += (column >= parents ? links * 10 : count * most[column]) + slack;
  }
  uint8_t *name = place, *words = malloc(c->byteCount + slack), *wordEnd = words;
  uint64_t lastID = 0, lastParent = 0;
  int64_t lastModified = 0, lastDrained = 0;
  const uint8_t *lastKey = NULL;
  struct run runs[columnEnd] = {0};
  const uint32_t *order = ordered(c);
  for (const uint32_t *from = order, *all = order + count, *to; from < all; from = to) {
    to = all - from > blockCount ? from + blockCount : all;
    uint8_t *p;
#define EACH(column) p = end[column]; for (const uint32_t *i = from; i < to || (end[column] = p, 0); i++)
    EACH(ids) {
      p = spread(p, folded((int64_t)(o[*i].id - lastID)));
      lastID = o[*i].id;
    }
    struct run r;
#define RUNS(column, of) r = runs[column]; EACH(column) p = next(p, &r, of); runs[column] = r
    RUNS(facts, o[*i].facts);
    RUNS(modes, o[*i].mode);
    RUNS(owners, o[*i].uid);
    RUNS(groups, o[*i].gid);
    EACH(devices) if (kind(o + *i) == 2 || kind(o + *i) == 6) p = varint(p, o[*i].device);
    EACH(sizes) if (hasSize(o + *i)) p = spread(p, o[*i].size);
    EACH(modified) {
      p = varint(p, folded(o[*i].modifiedSeconds - lastModified));
      lastModified = o[*i].modifiedSeconds;
    }
    EACH(nanoseconds) p = number(p, &o[*i].modifiedNanoseconds, 4);
    RUNS(changed, folded(o[*i].changedSeconds - o[*i].modifiedSeconds));
    EACH(changedNanoseconds) p = spread(p, folded((int64_t)o[*i].changedNanoseconds - o[*i].modifiedNanoseconds));
    r = runs[drained];
    EACH(drained) {
      if (o[*i].drainedSeconds != lastDrained) {
        p = run(p, r);
        r = (struct run){folded(o[*i].drainedSeconds - lastDrained), 0};
        lastDrained = o[*i].drainedSeconds;
      }
      r.count++;
    }
    runs[drained] = r;
    RUNS(linkCounts, o[*i].linkCount);
    r = runs[keys];
    EACH(keys) if (o[*i].facts & (created | content | unsettled)) {
      const uint8_t *key = c->bytes + o[*i].key.offset;
      p = next(p, &r, o[*i].key.count);
      wordEnd = differences(wordEnd, key, r.count == 1 ? NULL : lastKey, o[*i].key.count);
      lastKey = key;
    }
    runs[keys] = r;
    // The home workload has no links' targets and no extended attributes: their bytes would follow.
    EACH(targets) if (o[*i].facts & created && kind(o + *i) == 10) p = varint(p, o[*i].target.count);
    r = runs[extended];
    EACH(extended) if (o[*i].facts & (created | extendedAttributes)) p = next(p, &r, o[*i].extended.count);
    runs[extended] = r;
    p = end[parents];
    uint8_t *length = end[names];
    for (const uint32_t *i = from; i < to; i++)
      for (const struct link *l = c->links + o[*i].firstLink, *last = l + o[*i].linkCount; l < last; l++) {
        p = spread(p, folded((int64_t)(l->parent - lastParent)));
        lastParent = l->parent;
        length = varint(length, (uint64_t)l->name.count << 1 | l->isGained);
        name = copied(name, c, l->name);
      }
    end[parents] = p;
    end[names] = length;
  }
  at = header(at, sequence, chain, incarnation);
  *at++ = 4;
  *at++ = 1;
  uint8_t *section = at;
  at = varint(at + 4, count);
  at = varint(at, links);
  for (int column = ids; column < columnEnd; column++) {
    end[column] = run(end[column], runs[column]);
    size_t bytes = (size_t)(end[column] - start[column]);
    size_t more = column == names ? (size_t)(name - place) : column == keys ? (size_t)(wordEnd - words) : 0;
    if (bytes + more == 0) continue;
    *at++ = (uint8_t)column;
    at = varint(at, bytes + more);
    memcpy(at, start[column], bytes);
    at += bytes;
    // All keys of the home workload are equally long.
    if (column == keys) at = planes(at, words, more / 12, 12);
    else if (column == names) { memcpy(at, place, more); at += more; }
  }
  free(words);
  uint32_t bytes = (uint32_t)(at - section - 4);
  memcpy(section, &bytes, 4);
  return at;
}
