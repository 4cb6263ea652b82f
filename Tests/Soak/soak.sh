#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Random changes under the real program, for as long as it is given, each round from a seed of its own:
# on ext4, xfs, btrfs and tmpfs by turns, with the backup started before, during or after the changes, or
# killed (SIGKILL) and started again while they go on. At the end of a round the destination, and what a
# replay of the journal alone makes, are compared with the source in every attribute by a program that
# knows nothing of treeline.
#
#   soak.sh SECONDS [SEED]
#
# A round is repeated with `soak.sh 0 SEED`. What differs is told, with the seed; then it ends with 1.
set -u
SECONDS=0
seconds=${1:?usage: soak.sh SECONDS [SEED]}
first=${2:-$((RANDOM * 32768 + RANDOM))}
products=${PRODUCTS:-$(cd "$(dirname "$0")/../../.build/release" && pwd)}
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || { echo "soak.sh needs root: it mounts filesystems" >&2; exit 1; }

kinds=(tmpfs)
for kind in ext4 xfs btrfs; do
  if command -v mkfs.$kind >/dev/null; then kinds+=("$kind"); else echo "without $kind: mkfs.$kind is not installed"; fi
done
scene=$(mktemp -d "${TMPDIR:-/tmp}/treeline-soak-XXXXXX")
mount=$scene/mount
backup= workload= rounds=0 failures=0 kills=0

tidy() {
  [ -n "$workload" ] && kill -9 "$workload" 2>/dev/null
  [ -n "$backup" ] && kill -9 "$backup" 2>/dev/null
  wait 2>/dev/null
  workload= backup=
  umount "$mount" 2>/dev/null || umount -l "$mount" 2>/dev/null
  rm -rf "$scene/image" "$scene/journal"
}
trap 'tidy; rm -rf "$scene"; exit 130' INT TERM

make_filesystem() {
  mkdir -p "$mount"
  if [ "$1" = tmpfs ]; then
    mount -t tmpfs -o size=2g treeline-soak "$mount"
  else
    truncate -s 4G "$scene/image" && "mkfs.$1" -q "$scene/image" >"$scene/mkfs" 2>&1 && mount -o loop "$scene/image" "$mount"
  fi && mkdir "$mount/source" "$mount/outside" "$mount/destination" "$mount/replayed"
}

start_backup() {
  "$products/treeline" backup "$mount/source" "$mount/destination" --journal "$scene/journal" \
    --max-delete 100 --quiet $settle 2>>"$scene/log" &
  backup=$!
}

start_workload() {
  "$products/workload" run --root "$mount/source" --outside "$mount/outside" --seed "$seed" \
    --operations "$operations" --rate "$rate" $blind >"$scene/workload" 2>&1 &
  workload=$!
}

end_workload() {
  wait "$workload"; code=$?
  workload=
  [ $code = 0 ] || fail "the workload ended with $code: $(tail -n 1 "$scene/workload")"
}

# Also right after a start: there is no journal, and then nobody who answers.
flush() {
  for _ in $(seq 300); do
    [ -e "$scene/journal/HEAD" ] || { sleep 0.1; continue; }
    timeout 300 "$products/treeline" flush "$scene/journal" 2>"$scene/flush"; code=$?
    [ $code = 4 ] && kill -0 "$backup" 2>/dev/null || break
    sleep 0.1
  done
  [ $code = 0 ] || fail "flush ended with $code: $(tail -n 3 "$scene/flush")"
}

kill_backup() {
  kill -9 "$backup" 2>/dev/null; wait "$backup" 2>/dev/null
  backup=
  kills=$((kills + 1))
}

fail() {
  [ -z "$trouble" ] && trouble=$1
}

compare() {
  "$products/treecompare" --destination "$mount/source" "$mount/$1" >"$scene/difference" 2>&1 && return
  fail "$1 differs: $(head -n 5 "$scene/difference")"
}

# The n-th number of a seed.
number() {
  local x=$((seed * 6364136223846793005 + $1 * 1442695040888963407))
  x=$(((x ^ x >> 33) * -49064778989728563))
  x=$(((x ^ x >> 29) * -4265267296055464877))
  echo $(((x ^ x >> 32) & 0x7fffffff))
}

# All that a round does follows from its seed, but for how the kernel shares out the time.
round() {
  seed=$1 trouble=
  local modes=(before during after killed killed killed)
  local kind=${kinds[$((seed % ${#kinds[@]}))]} mode=${modes[$(($(number 1) % 6))]}
  operations=$((800 + $(number 2) % 2400)) rate=$((500 + $(number 3) % 3000)) settle= blind=
  [ $(($(number 4) % 3)) = 0 ] && settle="--settle 0"
  # On tmpfs a store into a mapping leaves no trace that could be found after a restart.
  [ "$kind" = tmpfs ] && [ "$mode" = killed ] && blind="--without map"
  what="seed $seed: $kind, backup $mode, $operations operations, $rate a second $settle"
  : >"$scene/log"
  make_filesystem "$kind" || { fail "no $kind can be made"; return; }
  case $mode in
  before) start_backup; flush; start_workload; end_workload ;;
  during) start_workload; sleep 0.$(($(number 5) % 10)); start_backup; end_workload ;;
  after) start_workload; end_workload; start_backup ;;
  killed)
    start_backup
    [ $(($(number 6) % 2)) = 0 ] && flush
    start_workload
    local turn=0
    while kill -0 "$workload" 2>/dev/null && [ $turn -lt 20 ]; do
      sleep "$(($(number $((10 + turn))) % 2)).$(($(number $((40 + turn))) % 10))"
      kill_backup
      [ $(($(number $((70 + turn))) % 3)) = 0 ] && sleep 0.3
      start_backup
      turn=$((turn + 1))
    done
    end_workload
    ;;
  esac
  flush
  compare destination
  kill -TERM "$backup" 2>/dev/null; wait "$backup"; code=$?
  backup=
  [ $code = 0 ] || fail "backup ended with $code"
  timeout 600 "$products/treeline" replay --quiet "$scene/journal" "$mount/replayed" >"$scene/replay" 2>&1; code=$?
  # A set access time moves the ctime unannounced: such a file is named as newer, and compared all the same.
  if [ $code != 0 ] && { [ $code != 3 ] || grep 'warning:' "$scene/replay" | grep -qv 'newer state'; }; then
    fail "replay ended with $code: $(grep 'warning:' "$scene/replay" | head -n 3)"
  fi
  compare replayed
}

echo "soak: $seconds s from seed $first on ${kinds[*]}"
end=$((SECONDS + seconds)) seed=$first
while :; do
  round "$seed"
  rounds=$((rounds + 1))
  if [ -n "$trouble" ]; then
    failures=$((failures + 1))
    kept=${TMPDIR:-/tmp}/treeline-soak-failed-$seed
    rm -rf "$kept" && mkdir -p "$kept" && cp -a "$scene/log" "$scene/journal" "$kept/" 2>/dev/null
    [ -e "$scene/difference" ] && cp "$scene/difference" "$kept/"
    printf 'FAILED %s\n  %s\n  journal and log: %s; again: %s 0 %s\n' "$what" "$trouble" "$kept" "$0" "$seed"
  else
    echo "equal  $what"
  fi
  tidy
  [ $SECONDS -lt $end ] || break
  seed=$((seed + 1))
done
rm -rf "$scene"
echo "soak: $rounds rounds from seed $first to $seed, $kills kills, $failures failures"
[ $failures = 0 ]
