#!/bin/bash
# The same work under this program and under others that keep a copy while one works: lsyncd (direct, and with
# rsync), watchman with rsync, syncthing, and unison, each as Debian has it, with what makes it fastest. Times are from
# the first operation until names and sizes are equal, or "over" the LIMIT in seconds; then all is synced, and the two
# trees are compared by content and attributes. PEERS= names some only.
#
# unison looks once a second: its watcher is not in Debian.
SCENE_BYTES=${SCENE_BYTES:-16G}
. "$(dirname "$0")/scene.sh"
for tool in rsync lsyncd watchman syncthing unison; do
  command -v $tool >/dev/null || apt-get install -y -qq --no-install-recommends $tool >/dev/null
done
limit=${LIMIT:-120}
m=$scene/mount
s=$m/s
d=$m/d
results=$scene/results
sysctl -q fs.inotify.max_user_watches=1048576
helpers=()

# One of these runs at a time, from $s to $d.
start_treeline() {
  "$treeline" backup "$s" "$d" --journal "$scene/journal" --quiet --settle 0 --max-delete 100 &
  background=$!
}
start_lsyncd-direct() { start_lsyncd default.direct 'delay = 0'; }
start_lsyncd-rsync() { start_lsyncd default.rsync 'delay = 0, rsync = { archive = true, hard_links = true, xattrs = true }'; }
start_lsyncd() {
  cat > "$scene/lsyncd.lua" <<LUA
settings { nodaemon = true, maxDelays = 1, inotifyMode = "CloseWrite or Modify" }
sync { $1, source = "$s", target = "$d", $2 }
LUA
  lsyncd "$scene/lsyncd.lua" >"$scene/log" 2>&1 &
  background=$!
}
start_watchman() {
  watchman --foreground --logfile="$scene/log" --sockname="$scene/watchman" --statefile="$scene/state" \
    --pidfile="$scene/pid" >/dev/null 2>&1 &
  background=$!
  until watchman --sockname="$scene/watchman" --no-spawn version >/dev/null 2>&1; do sleep 0.1; done
  watchman --sockname="$scene/watchman" watch "$s" >/dev/null
  # It adds the names of what changed to the command, which are of no use here.
  watchman --sockname="$scene/watchman" -- trigger "$s" copy -- \
    sh -c "exec rsync -aHAX --delete '$s/' '$d/'" >/dev/null
}
start_unison() {
  UNISON=$scene/unison unison "$s" "$d" -batch -auto -repeat 1 -prefer "$s" -times -owner -group -perms -1 -numericids \
    -ui text >"$scene/log" 2>&1 &
  background=$!
}
start_syncthing() {
  local side other id
  for side in 1 2; do
    if [ ! -d "$scene/st$side" ]; then
      syncthing generate --home="$scene/st$side" --no-default-folder --skip-port-probing >/dev/null 2>&1
    fi
  done
  local ids=("" "$(syncthing --device-id --home="$scene/st1")" "$(syncthing --device-id --home="$scene/st2")")
  mkdir -p "$s/.stfolder" "$d/.stfolder"
  for side in 1 2; do
    other=$((3 - side))
    [ "$side" = 1 ] && set -- "$s" sendonly || set -- "$d" receiveonly
    grep -q '<folder id="copy"' "$scene/st$side/config.xml" || sed -i \
      -e "s|127.0.0.1:8384|127.0.0.1:1838$side|; s|<listenAddress>.*</listenAddress>|<listenAddress>tcp://127.0.0.1:2200$side</listenAddress>|" \
      -e 's|\(<\(globalAnnounce\|localAnnounce\|relays\|nat\|crashReporting\)Enabled>\)true|\1false|; s|<startBrowser>true|<startBrowser>false|' \
      -e 's|<urAccepted>0|<urAccepted>-1|' \
      -e "s|</configuration>|<device id=\"${ids[other]}\"><address>tcp://127.0.0.1:2200$other</address></device><folder id=\"copy\" path=\"$1\" type=\"$2\" rescanIntervalS=\"3600\" fsWatcherEnabled=\"true\" fsWatcherDelayS=\"1\"><device id=\"${ids[1]}\"></device><device id=\"${ids[2]}\"></device></folder></configuration>|" \
      "$scene/st$side/config.xml"
    STNORESTART=1 STNOUPGRADE=1 syncthing serve --home="$scene/st$side" --no-browser >"$scene/log$side" 2>&1 &
    [ "$side" = 1 ] && background=$! || helpers+=($!)
  done
}
end() {
  kill "$background" "${helpers[@]}" 2>/dev/null || true
  wait "$background" "${helpers[@]}" 2>/dev/null || true
  background= helpers=()
}

differing() { rsync -rln --delete --size-only --out-format=%n --exclude=/.treeline --exclude=/.stfolder "$s/" "$d/"; }
# Waits until names and sizes are equal; prints the time since $1, or that it took too long.
arrival() {
  while [ -n "$(differing | head -n 1)" ]; do
    if awk -v a="$(since "$1")" -v b="$limit" 'BEGIN { exit !(a > b) }'; then echo "over $limit"; return; fi
    sleep 0.2
  done
  since "$1"
}
note() { echo "$peer	$1	$2" >> "$results"; echo "$peer: $1: $2"; }

# What is wrong in the end, by kind, when nothing has changed for some seconds.
wrongs() {
  sync -f "$m"
  sleep 5
  rsync -aHAXnci --delete --exclude=/.treeline --exclude=/.stfolder "$s/" "$d/" | awk '
    /^\*deleting/ { extra++; next } /^[>c]f\+/ || /^cd\+/ || /^c[LDS]\+/ { missing++; next }
    /^>fc/ { content++; next } /^hf/ { links++; next } { attributes++ }
    END {
      if (missing) text = text ", " missing " missing"
      if (extra) text = text ", " extra " too many"
      if (content) text = text ", " content " contents"
      if (links) text = text ", " links " hard links"
      if (attributes) text = text ", " attributes " attributes"
      print text == "" ? "nothing" : substr(text, 3)
    }'
}

mkdir "$scene/unpacked"
for i in $(seq 50); do "$products/pace" fill "$scene/unpacked/$i" 1000 1024; done
tar -C "$scene" -cf "$scene/unpacked.tar" unpacked
rm -r "$scene/unpacked"
for peer in ${PEERS:-treeline lsyncd-direct lsyncd-rsync watchman syncthing unison}; do
  rm -rf "$s" "$d" "$scene/journal" "$scene"/st[12] "$scene/unison" "$scene/state"
  mkdir "$s" "$d"
  "start_$peer"
  echo ready > "$s/ready"
  [ "$(arrival "$(now)")" != "over $limit" ] || { note latency "did not begin"; end; continue; }
  note latency "$("$products/pace" latency "$s" "$d" 30 2>&1 | sed 's/, p99.*//')"
  start=$(now)
  "$products/pace" burst "$s"
  note "50,000 files and 10,000 rewritten" "$(arrival "$start") s"
  note "  wrong then" "$(wrongs)"
  start=$(now)
  tar -C "$s" -xf "$scene/unpacked.tar"
  note "50,000 files unpacked" "$(arrival "$start") s"
  "$products/pace" fill "$s/many" 10000 4096
  arrival "$(now)" >/dev/null
  start=$(now)
  mv "$s/many" "$s/renamed"
  note "a directory of 10,000 renamed" "$(arrival "$start") s"
  end
  for i in $(seq 10); do echo changed > "$s/renamed/file-0000$((i - 1))"; done
  mv "$s/renamed" "$s/again"
  start=$(now)
  "start_$peer"
  note "restart, 10 files and a name changed" "$(arrival "$start") s"
  note "  wrong in the end" "$(wrongs)"
  end
done
echo
awk -F '\t' '{ if (!($1 in seen)) { seen[$1] = 1; peers[++n] = $1 } if (!($2 in row)) { row[$2] = 1; rows[++k] = $2 } cell[$1, $2] = $3 }
  END { line = "| |"; rule = "|---|"; for (i = 1; i <= n; i++) { line = line " " peers[i] " |"; rule = rule "---|" }
    print line; print rule
    for (j = 1; j <= k; j++) { line = "| " rows[j] " |"; for (i = 1; i <= n; i++) line = line " " cell[peers[i], rows[j]] " |"; print line } }' "$results"
