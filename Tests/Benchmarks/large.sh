#!/bin/bash
# A large file of which 1 MiB in its middle changes, its copy on xfs and on btrfs: what is written there, as the
# device counts it, and the time beside reading both sides once. Then a new file of the same size beside cp and
# sync, on ext4 and on xfs. Sizes in MiB: LARGE=4096.
SCENE_BYTES=${SCENE_BYTES:-16G}
. "$(dirname "$0")/scene.sh"
large=${LARGE:-4096}
rounds=${ROUNDS:-3}
m=$scene/mount
d=$scene/copy
mkdir "$d"
device=
leave() {
  [ -z "$device" ] || { umount "$d" 2>/dev/null || umount -l "$d"; losetup -d "$device" 2>/dev/null || true; }
  device=
}
trap 'leave; tidy' EXIT

# A filesystem of its own for the copies, past the cache of what it lies in. Its disk has all its room from the
# start: whatever was written at a place first would pay for that. Neither is it new: the first small file of a btrfs
# takes room for all small ones, which has the whole filesystem commit.
enter() {
  rm -f "$scene/copies"
  dd if=/dev/zero of="$scene/copies" bs=4M count="$((large * 9 / 16 + 256))" oflag=direct status=none
  case $1 in ext4) set -- ext4 -E nodiscard ;; *) set -- "$1" -K ;; esac
  "mkfs.$1" -q "${@:2}" "$scene/copies" 2>/dev/null
  device=$(losetup --find --show --direct-io=on "$scene/copies" 2>/dev/null || losetup --find --show "$scene/copies")
  mount "$device" "$d"
  head -c 16K /dev/urandom > "$d/small"
  sync -f "$d"
}
# Drops what is kept of these files, and nothing else.
drop() {
  local file
  for file in "$@" "$scene/copies" "$scene/image"; do
    [ ! -f "$file" ] || dd if="$file" iflag=nocache count=0 status=none
  done
}
written() {
  local counts
  read -ra counts < "/sys/block/${device##*/}/stat"
  echo $((counts[6] * 512))
}
replayed() { "$treeline" replay --quiet "$scene/journal" "$d/d" --source "$m/s"; }
synced() { cp "$1" "$2" && sync -f "$2"; }

mkdir "$m/s"
head -c "${large}M" /dev/urandom > "$m/s/file"
sync -f "$m"
for kind in xfs btrfs; do
  enter "$kind"
  mkdir "$d/d"
  rm -rf "$scene/journal"
  record "$m/s"
  replayed
  for round in $(seq "$rounds"); do
    dd if=/dev/urandom of="$m/s/file" bs=1M seek=$((large / 2 + round)) count=1 conv=notrunc,fsync status=none
    record "$m/s"
    sync -f "$d"
    drop "$m/s/file" "$d/d/file"
    start=$(now)
    cat "$m/s/file" "$d/d/file" > /dev/null
    reading=$(since "$start")
    drop "$m/s/file" "$d/d/file"
    before=$(written)
    start=$(now)
    replayed
    took=$(since "$start")
    durable=$(($(written) - before))
    sync -f "$d"
    # Also what the filesystem writes once more of what is durable by then.
    echo "$kind, round $round: 1 MiB of $large changed: $(awk -v durable="$durable" -v all=$(($(written) - before)) 'BEGIN {
      printf "%.2f MiB written until it is durable, %.2f MiB with a sync after it: %s the bound of 2",
        durable / 1048576, all / 1048576, (all <= 2097152 ? "within" : "short of") }')"
    echo "  $took s, to read both $reading s: $(verdict "$took" "$reading" 1.2)"
  done
  cmp "$m/s/file" "$d/d/file"
  leave
done

# Both begin alike: what was made last is gone, what was freed is free, and the file is to lie in a new directory,
# which is what chooses its place on the disk. The first of each is not counted, as its memory is new to the machine.
prepare() {
  rm -rf "$d/d" "$scene/journal"
  record "$m/s"
  mkdir "$d/d"
  sync -f "$d"
  drop "$m/s/file"
}
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
time_ours() { prepare; local start; start=$(now); replayed; ours=$(since "$start"); }
time_theirs() { prepare; local start; start=$(now); synced "$m/s/file" "$d/d/file"; theirs=$(since "$start"); }
for kind in ext4 xfs; do
  enter "$kind"
  all_ours=() all_theirs=()
  for round in $(seq 0 $((rounds + 2))); do
    # Each comes first as often as second.
    if [ $((round % 2)) = 0 ]; then time_ours; time_theirs; else time_theirs; time_ours; fi
    [ "$round" != 0 ] || continue
    echo "$kind, round $round: a new file of $large MiB: $ours s, cp and sync $theirs s"
    all_ours+=("$ours") all_theirs+=("$theirs")
  done
  echo "$kind, medians: $(verdict "$(median "${all_ours[@]}")" "$(median "${all_theirs[@]}")" 1.05)"
  leave
done
