# Sourced by the benchmarks: a filesystem of its own on a loop device, or with SCENE_KIND=tmpfs in
# memory, and the program on it.
set -eu
products=${PRODUCTS:-.build/release}
treeline=$products/treeline
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 1; }
# SCENE_DIR=/dev/shm leaves the disk out: what is left is the work.
scene=$(mktemp -d "${SCENE_DIR:-/var/tmp}/treeline-bench-XXXXXX")
mkdir "$scene/mount"
if [ "${SCENE_KIND:-ext4}" = tmpfs ]; then
  mount -t tmpfs treeline-bench "$scene/mount"
else
  truncate -s "${SCENE_BYTES:-8G}" "$scene/image"
  mkfs.ext4 -q ${SCENE_MKFS:-} "$scene/image"
  mount -o loop "$scene/image" "$scene/mount"
fi
background=
tidy() {
  [ -z "$background" ] || { kill "$background" 2>/dev/null || true; wait "$background" 2>/dev/null || true; }
  umount "$scene/mount" 2>/dev/null || umount -l "$scene/mount"
  rm -rf "$scene"
}
trap tidy EXIT

# Starts a backup of $1 to $2 with the options that follow, and waits until it has caught up.
backup() {
  local source=$1 destination=$2
  shift 2
  "$treeline" backup "$source" "$destination" --journal "$scene/journal" --quiet "$@" &
  background=$!
  until "$treeline" flush "$scene/journal" 2>/dev/null; do
    kill -0 "$background" || { echo "the backup ended"; exit 1; }
  done
}

# Brings the journal of $1 up to date.
record() {
  "$treeline" record "$1" --journal "$scene/journal" --quiet &
  background=$!
  until "$treeline" flush "$scene/journal" 2>/dev/null; do
    kill -0 "$background" || { echo "the record ended"; exit 1; }
  done
  stop
}

# What differs is printed, and ends the run.
compare() { "$products/treecompare" --destination "$1" "$2" && echo "source and destination are equal"; }

stop() {
  kill "$background"
  wait "$background" || true
  background=
}

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.3f", b - a }'; }
verdict() { awk -v a="$1" -v b="$2" -v bound="$3" 'BEGIN {
  printf "%.2f of it: %s the bound of %s\n", a / b, (a / b <= bound ? "within" : "short of"), bound }'; }
