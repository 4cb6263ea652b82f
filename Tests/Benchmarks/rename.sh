#!/bin/bash
# A directory of 10,000 files and 1 GiB renamed, while running and while not: how long flush takes,
# and what is written to a destination on a filesystem of its own.
. "$(dirname "$0")/scene.sh"
m=$scene/mount
truncate -s 4G "$scene/image2"
mkfs.ext4 -q "$scene/image2"
mkdir "$scene/mount2"
mount -o loop "$scene/image2" "$scene/mount2"
trap 'umount "$scene/mount2" 2>/dev/null || umount -l "$scene/mount2"; tidy' EXIT
loop=$(findmnt -n -o SOURCE "$scene/mount2")
d=$scene/mount2/d
mkdir "$m/s" "$d"
"$products/pace" fill "$m/s/before" 10000 $(((1 << 30) / 10000))
backup "$m/s" "$d"

# Bytes that reached the destination's device.
written() { sync -f "$d"; awk '{ printf "%.0f\n", $7 * 512 }' "/sys/block/${loop#/dev/}/stat"; }
# A copy would be another inode.
inodes() { (cd "$d/$1" && stat -c "%n %i" -- * | sort | sha256sum); }

for round in 1 2 3 4 5; do
  before=$(inodes before)
  bytes=$(written)
  mv "$m/s/before" "$m/s/after"
  start=$(now)
  "$treeline" flush "$scene/journal"
  took=$(since "$start")
  bytes=$(($(written) - bytes))
  [ "$(inodes after)" = "$before" ] && same="same inodes" || same="COPIED"
  echo "while running: flush took $took s, $bytes bytes written, $same: $(verdict "$took" 0.1 1)"
  mv "$m/s/after" "$m/s/before"
  "$treeline" flush "$scene/journal"
done
before=$(inodes before)
stop
bytes=$(written)
mv "$m/s/before" "$m/s/after"
start=$(now)
backup "$m/s" "$d"
took=$(since "$start")
bytes=$(($(written) - bytes))
[ "$(inodes after)" = "$before" ] && same="same inodes" || same="COPIED"
echo "while stopped: equal $took s after the start, $bytes bytes written, $same"
compare "$m/s" "$d"
