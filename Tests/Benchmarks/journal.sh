#!/bin/bash
# The journal's writer beside C that does the same encoding, lz4, checksum and write without its promises; what
# a record takes when it is sealed; and one commit from its append until it is durable beside fdatasync(2).
# RECORDS, ROUNDS and COMMITS say how much, BENCH_DIR where.
set -eu
products=${PRODUCTS:-.build/release}
speed=$products/journalspeed
bare=$products/cjournal
place=$(mktemp -d "${BENCH_DIR:-/var/tmp}/treeline-bench-XXXXXX")
trap 'rm -rf "$place"' EXIT
records=${RECORDS:-2000000}
# As many records as one frame takes for sure, whatever they say; its content has some 160 KiB.
each=${EACH:-5000}
segment=67108864

median() { sort -g | awk '{ v[NR] = $1 } END { printf "%.6f\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
# $1 against the bound $3, which it must reach (at-least) or keep below (at-most).
judge() { awk -v a="$1" -v how="$2" -v bound="$3" 'BEGIN {
  printf "bound %s %s: %s\n", how, bound, ((how == "at-least" ? a >= bound : a <= bound) ? "ok" : "short") }'; }
column() { awk -v n="$2" '{ print $n }' "$place/$1" | median; }

echo "Writing $records records of a home directory, ${ROUNDS:-9} rounds by turns:"
"$speed" make "$place/workload" "$records" "$each"
for round in $(seq "${ROUNDS:-9}"); do
  for what in $([ $((round % 2)) = 0 ] && echo ours theirs || echo theirs ours); do
    mkdir "$place/written"
    if [ $what = ours ]; then
      "$speed" write "$place/written" "$place/workload" >> "$place/ours"
    else
      "$bare" write "$place/workload" "$place/written" $segment >> "$place/theirs"
    fi
    [ $round != 1 ] || mv "$place/written" "$place/first-$what"
    rm -rf "$place/written"
  done
done
header=$(($(stat -c %s "$place/first-ours/00000000000000000001.tlj") - $(stat -c %s "$place/first-theirs/00000000000000000001.frames")))
for file in "$place"/first-ours/*.tlj; do
  cmp <(tail -c +$((header + 1)) "$file") "$place/first-theirs/$(basename "$file" .tlj).frames"
done
kib=$(awk -v plain="$(awk 'NR == 1 { print $5 }' "$place/theirs")" 'NR == 1 { printf "%.0f", plain / $5 / 1024 }' "$place/ours")
echo "  both wrote the same bytes, in frames of $kib KiB before compression"
total=$(awk 'NR == 1 { print $1 }' "$place/ours")
for what in ours theirs; do
  eval "${what}_seconds=$(column $what 2) ${what}_used=$(column $what 3)"
done
awk -v n="$total" -v a="$ours_seconds" -v b="$theirs_seconds" -v c="$ours_used" -v d="$theirs_used" 'BEGIN {
  printf "  treeline %.2f million records/s (%.3f s, of processor %.3f s), C %.2f million/s (%.3f s, %.3f s)\n", n/a/1e6, a, c, n/b/1e6, b, d }'
ratio=$(paste "$place/ours" "$place/theirs" | awk '{ print $7 / $2 }' | median)
used=$(paste "$place/ours" "$place/theirs" | awk '{ print $8 / $3 }' | median)
echo "  $(printf %.3f "$used") of C's speed in processor time"
echo "  $(printf %.3f "$ratio") of C's speed: $(judge "$ratio" at-least 0.95)"
rate=$(awk -v n="$total" -v a="$ours_seconds" 'BEGIN { printf "%.2f", n / a / 1e6 }')
echo "  $rate million records/s: $(judge "$rate" at-least 5)"

# Bytes a record of what is in a directory: as written, and by zstd -1.
plain() { for file in "$1"/*.tlj; do lz4 -dcq "$file"; done; }
over() { awk -v a="$1" -v n="$2" 'BEGIN { printf "%.2f", a / n }'; }
echo "Sealed, bytes a record:"
read -r count bytes <<< "$("$speed" size "$place/sealed" "$records" "$each")"
written=$(over "$bytes" "$count")
zstd_bytes=$(plain "$place/sealed" | zstd -1 -q | wc -c)
plain_bytes=$(plain "$place/sealed" | wc -c)
echo "  as written $written; zstd -1 of the same records $(over "$zstd_bytes" "$count"); before compression $(over "$plain_bytes" "$count")"
"$speed" size "$place/small" "$records" 100 > "$place/small-size"
read -r count bytes < "$place/small-size"
echo "  in commits of 100 records $(over "$bytes" "$count")"
read -r left bytes <<< "$("$speed" compact "$place/small")"
zstd_bytes=$(plain "$place/small" | zstd -1 -q | wc -c)
echo "  these compacted: $left of $count records are left, $(over "$bytes" "$left") for each of them; zstd -1 $(over "$zstd_bytes" "$left")"
compacted=$(over "$bytes" "$count")
echo "  these compacted, for each record that was written: $compacted: $(judge "$compacted" at-most 24)"
echo "  as written $written: $(judge "$written" at-most 24)"
for kind in created rewritten renamed removed "mode changed"; do
  rm -rf "$place/kind"
  read -r count bytes <<< "$("$speed" size "$place/kind" "$records" "$each" "$kind")"
  echo "    $kind: $count records, $(over "$bytes" "$count"), zstd -1 $(over "$(plain "$place/kind" | zstd -1 -q | wc -c)" "$count")"
done

commits=${COMMITS:-1000}
echo "One commit of 10 records, $commits times, until it is durable:"
for round in $(seq 20); do
  rm -rf "$place/commits"
  "$speed" commits "$place/commits" $((commits / 20)) 10 >> "$place/ours-commit"
  "$bare" sync "$place/bare-commit" $((commits / 20)) 600 >> "$place/theirs-commit"
done
ours=$(median < "$place/ours-commit")
theirs=$(median < "$place/theirs-commit")
above=$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.3f", (a - b) / 1e3 }')
printf '  %.3f ms, fdatasync alone %.3f ms at the median\n' "$(over "$ours" 1000)" "$(over "$theirs" 1000)"
echo "  $above ms above it: $(judge "$above" at-most 0.2)"
