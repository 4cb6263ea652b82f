#!/bin/bash
# The same storm of create, write, rename and unlink without a reader, under a bare C reader that
# drains and discards, and under `record`: processor time for an operation, what the storm itself
# loses, and whether the queue overflows. Operations are counted, because the kernel merges events.
# CYCLES and ROUNDS say how much; the medians of the rounds' differences are judged. One writer leaves
# a processor to the reader; more writers than processors show how fast a storm can get.
SCENE_KIND=tmpfs
SCENE_DIR=${SCENE_DIR:-/dev/shm}
. "$(dirname "$0")/scene.sh"
m=$scene/mount
cycles=${CYCLES:-150000}
mkdir "$m/s"
figures=$scene/figures

# Runs the storm once: operations, seconds, and seconds of processor of its own.
storm() { "$products/storm" "$1" "$m/s" "$2" $((cycles / $2)) | awk '{ print $1, $3, $5 }'; }

# Nanoseconds of processor that all threads of a process have used. See proc(5), schedstat.
used() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum }'; }

none() { echo "$(storm "$@") 0 0"; }

bare() {
  "$products/storm" drain "$m/s" > "$scene/said" &
  background=$!
  until grep -q ready "$scene/said"; do sleep 0.05; done
  local before after figures
  before=$(used "$background")
  figures=$(storm "$@")
  sleep 0.2
  after=$(used "$background")
  stop
  echo "$figures $((after - before)) $(awk '/overflows/ { print $3 }' "$scene/said")"
}

ours() {
  rm -rf "$scene/journal"
  "$treeline" record "$m/s" --journal "$scene/journal" --max-delete 100 2> "$scene/said" &
  background=$!
  until "$treeline" status --json "$scene/journal" 2>/dev/null | grep -q '"state":"following"'; do sleep 0.1; done
  local before after figures
  before=$(used "$background")
  figures=$(storm "$@")
  "$treeline" flush "$scene/journal" >/dev/null
  after=$(used "$background")
  echo "$figures $((after - before)) $("$treeline" status --json "$scene/journal" | sed 's/.*"overflows":\([0-9]*\).*/\1/')"
  stop
}

median() { sort -g | awk '{ v[NR] = $1 } END { printf "%.2f\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
within() { awk -v a="$1" -v bound="$2" 'BEGIN { printf "%s the bound of %s\n", (a <= bound ? "within" : "short of"), bound }'; }
of() { awk -v kind="$1" -v writers="$2" -v what="$3" '$1 == kind && $2 == writers && $3 == what' "$figures"; }

storms=("write 1" "keep 1" "write 4" "keep 4")
for round in $(seq "${ROUNDS:-5}"); do
  for storm in "${storms[@]}"; do
    # Each goes first as often as the others.
    case $((round % 3)) in 0) order="none bare ours" ;; 1) order="bare ours none" ;; *) order="ours none bare" ;; esac
    for what in $order; do echo "$storm $what $($what $storm)" >> "$figures"; done
  done
done

for storm in "${storms[@]}"; do
  [ "${storm% *}" = write ] && how="each file gone at once" || how="each file kept for 1,000 others"
  echo "${storm#* } writers, $how:"
  for what in none bare ours; do
    of $storm $what | awk -v what=$what '{ n++; rate += $4 / $5; own += $6 / $4; reader += $7 / $4; lost += $8 }
      END { printf "  %-4s %7.0f operations/s, %.2f us of the storm and %.2f us of the reader for each, %d overflows\n", what, rate / n, own / n * 1e6, reader / n / 1e3, lost }'
  done
  paste -d' ' <(of $storm none) <(of $storm bare) <(of $storm ours) > "$scene/rounds"
  above=$(awk '{ print ($23 - $15) / $4 / 1e3 }' "$scene/rounds" | median)
  slower=$(awk '{ print ($21 - $13) / $5 * 100 }' "$scene/rounds" | median)
  costlier=$(awk '{ print ($22 - $14) / $6 * 100 }' "$scene/rounds" | median)
  echo "  above the C reader: $above us an operation: $(within "$above" 2)"
  echo "  the storm is slower than under the C reader by $slower points, in its own processor time by $costlier: $(within "$slower" 5)"
done
