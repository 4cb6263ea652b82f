#!/bin/bash
# Every single-bit flip and every truncation of a journal, each read by the product's own readers, split over
# the processors. EVERY=N takes every N-th case only. Ends with 1 when any reading was wrong, or crashed, or
# memory was not bounded.
set -eu
tool=${PRODUCTS:-.build/release}/journaldamage
shares=${SHARES:-$(nproc)}
base=/dev/shm
[ -w "$base" ] || base=/var/tmp
place=$(mktemp -d "$base/treeline-damage-XXXXXX")
trap 'rm -rf "$place"' EXIT
started=$(date +%s)
workers=
for share in $(seq 0 $((shares - 1))); do
  "$tool" "$place/$share" "$share" "$shares" ${EVERY:-} > "$place/said-$share" 2>&1 &
  workers="$workers $!"
done
failed=0
for worker in $workers; do wait "$worker" || failed=$?; done
if [ $failed != 0 ]; then
  cat "$place"/said-*
  echo "a reading went wrong (exit $failed)"
  exit 1
fi
cat "$place"/said-* | awk -v seconds=$(($(date +%s) - started)) '
  { cases += $1; whole += $2; said += $3; part += $4; refused += $5; writers += $6; if ($7 > peak) peak = $7
    bytes = $8; commits = $9; segments = $10 }
  END {
    printf "%d cases on %d bytes of a journal of %d commits in %d segments, in %d s\n", cases, bytes, commits, segments, seconds
    printf "  %d read whole, %d whole with a report, %d up to an earlier commit with a report, %d refused; none wrong\n", whole, said, part, refused
    printf "  opened for writing in %d of them; memory at the most %.1f MiB: bound at-most 256: %s\n", writers, peak / 1024, (peak <= 262144 ? "ok" : "short")
    exit peak > 262144
  }'
