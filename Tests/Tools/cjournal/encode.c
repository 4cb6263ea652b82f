// SPDX-License-Identifier: Apache-2.0
//
// The columns of Sources/Journal/Documentation.docc/Format.md, as plainly as C has it: one pointer, and room
// for the whole commit made beforehand.
#include <string.h>
#include "cjournal.h"

enum { created = 1, extendedAttributes = 8, content = 16, unsettled = 32 };

static inline uint8_t *varint(uint8_t *at, uint64_t value) {
  while (value >= 0x80) {
    *at++ = (uint8_t)value | 0x80;
    value >>= 7;
  }
  *at++ = (uint8_t)value;
  return at;
}

static inline uint8_t *folded(uint8_t *at, int64_t value) {
  return varint(at, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

static inline uint8_t *number(uint8_t *at, const void *value, size_t bytes) {
  memcpy(at, value, bytes);
  return at + bytes;
}

static inline uint8_t *part(uint8_t *at, const struct commit *commit, struct slice slice) {
  at = varint(at, slice.count);
  memcpy(at, commit->bytes + slice.offset, slice.count);
  return at + slice.count;
}

static inline int kind(const struct object *object) { return object->mode >> 12; }

size_t bound(const struct commit *commit) {
  return 1024 + commit->objectCount * 160 + commit->linkCount * 24 + commit->byteCount;
}

static uint8_t *header(uint8_t *at, uint64_t sequence, uint64_t chain, uint64_t incarnation) {
  uint16_t commitFlags = sequence == 1 ? 4 : 0, frameFlags = 0;
  int64_t seconds = 1700000000, drained = 0;
  uint32_t nanoseconds = 0;
  at = number(at, "TLC1", 4);
  at = number(at, &commitFlags, 2);
  at = number(at, &frameFlags, 2);
  at = number(at, &sequence, 8);
  at = number(at, &chain, 8);
  at = number(at, &incarnation, 8);
  for (int time = 0; time < 2; time++) {
    at = number(at, &seconds, 8);
    at = number(at, &nanoseconds, 4);
  }
  return number(at, &drained, 8);
}

static uint8_t *column(uint8_t *at, int which, const struct commit *c) {
  const struct object *o = c->objects, *end = o + c->objectCount;
  uint64_t last = 0;
  switch (which) {
    case 1:
      for (; o < end; last = o++->id) at = folded(at, (int64_t)(o->id - last));
      break;
    case 2:
      for (; o < end; o++) at = varint(at, o->facts);
      break;
    case 3:
      for (; o < end; o++) at = varint(at, o->mode);
      break;
    case 4:
      for (; o < end; o++) at = varint(at, o->uid);
      break;
    case 5:
      for (; o < end; o++) at = varint(at, o->gid);
      break;
    case 6:
      for (; o < end; o++)
        if (kind(o) == 2 || kind(o) == 6) at = varint(at, o->device);
      break;
    case 7:
      for (; o < end; o++)
        if (kind(o) == 8 || kind(o) == 10) at = varint(at, o->size);
      break;
    case 8:
      for (int64_t before = 0; o < end; before = o++->modifiedSeconds) {
        at = folded(at, o->modifiedSeconds - before);
        at = varint(at, o->modifiedNanoseconds);
      }
      break;
    case 9:
      for (; o < end; o++) {
        at = folded(at, o->changedSeconds - o->modifiedSeconds);
        at = folded(at, (int64_t)o->changedNanoseconds - o->modifiedNanoseconds);
      }
      break;
    case 10:
      for (int64_t before = 0; o < end; before = o++->drainedSeconds)
        at = folded(at, o->drainedSeconds - before);
      break;
    case 11:
      for (; o < end; o++) at = varint(at, o->linkCount);
      break;
    case 12:
      for (; o < end; o++)
        if (o->facts & (created | content | unsettled)) at = part(at, c, o->key);
      break;
    case 13:
      for (; o < end; o++)
        if (o->facts & created && kind(o) == 10) at = part(at, c, o->target);
      break;
    case 14:
      for (; o < end; o++)
        if (o->facts & (created | extendedAttributes)) at = part(at, c, o->extended);
      break;
    case 15:
      for (const struct link *l = c->links; l < c->links + c->linkCount; last = l++->parent) {
        at = folded(at, (int64_t)(l->parent - last));
        at = varint(at, (uint64_t)l->name.count << 1 | l->isGained);
        memcpy(at, c->bytes + l->name.offset, l->name.count);
        at += l->name.count;
      }
  }
  return at;
}

// A length that stands before what it is the length of.
static void setLength(uint8_t *start, const uint8_t *end) {
  uint32_t bytes = (uint32_t)(end - start - 4);
  memcpy(start, &bytes, 4);
}

uint8_t *encode(uint8_t *at, const struct commit *c, uint64_t sequence, uint64_t chain, uint64_t incarnation) {
  at = header(at, sequence, chain, incarnation);
  *at++ = 2;
  *at++ = 1;
  uint8_t *section = at;
  at = varint(at + 4, c->objectCount);
  at = varint(at, c->linkCount);
  for (int which = 1; which <= 15; which++) {
    *at++ = (uint8_t)which;
    *at++ = 1;
    uint8_t *start = at;
    at = column(at + 4, which, c);
    setLength(start, at);
  }
  setLength(section, at);
  return at;
}
