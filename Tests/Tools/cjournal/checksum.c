// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include "cjournal.h"

static const uint64_t p1 = 0x9E3779B185EBCA87, p2 = 0xC2B2AE3D27D4EB4F, p3 = 0x165667B19E3779F9,
                      p4 = 0x85EBCA77C2B2AE63, p5 = 0x27D4EB2F165667C5;

static inline uint64_t turned(uint64_t value, int by) { return value << by | value >> (64 - by); }

static inline uint64_t round64(uint64_t lane, uint64_t input) { return turned(lane + input * p2, 31) * p1; }

static inline uint64_t word(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

uint64_t checksum(const uint8_t *at, size_t count, uint64_t seed) {
  const uint8_t *end = at + count;
  uint64_t hash = seed + p5;
  if (count >= 32) {
    uint64_t lanes[4] = {seed + p1 + p2, seed + p2, seed, seed - p1};
    for (; end - at >= 32; at += 32)
      for (int lane = 0; lane < 4; lane++) lanes[lane] = round64(lanes[lane], word(at + lane * 8));
    hash = turned(lanes[0], 1) + turned(lanes[1], 7) + turned(lanes[2], 12) + turned(lanes[3], 18);
    for (int lane = 0; lane < 4; lane++) hash = (hash ^ round64(0, lanes[lane])) * p1 + p4;
  }
  hash += count;
  for (; end - at >= 8; at += 8) hash = turned(hash ^ round64(0, word(at)), 27) * p1 + p4;
  if (end - at >= 4) {
    uint32_t half;
    memcpy(&half, at, 4);
    hash = turned(hash ^ half * p1, 23) * p2 + p3;
    at += 4;
  }
  for (; at < end; at++) hash = turned(hash ^ *at * p5, 11) * p1;
  hash = (hash ^ hash >> 33) * p2;
  hash = (hash ^ hash >> 29) * p3;
  return hash ^ hash >> 32;
}
