#!/bin/bash
# Runs each fuzzer for so many seconds, from what the golden journals have; FUZZERS names some only. What was
# found before is kept in .build-fuzz/corpus and gone on from. Ends with 1 at the first crash, whose input is kept.
set -eu
cd "$(dirname "$0")"
seconds=${1:-300}
build=../../.build-fuzz
swift=${SWIFT:-swift}
"$swift" build -c release --scratch-path "$build" -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing --product fuzz
fuzz=$build/release/fuzz
# A crash would wait for a debugger otherwise.
export SWIFT_BACKTRACE=enable=no
mkdir -p "$build/corpus" "$build/seeds"
"$fuzz" seeds "$build/seeds" ../JournalTests/Golden/*/*
for name in ${FUZZERS:-frames records checkpoints cursors plans}; do
  mkdir -p "$build/corpus/$name"
  log=$build/$name.log
  # Memory as well: nothing that is read may ask for more than the bounds.
  if ! timeout -k 10 $((seconds + 60)) "$fuzz" "$name" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
      -rss_limit_mb=512 -print_final_stats=1 -artifact_prefix="$build/$name-" \
      "$build/corpus/$name" "$build/seeds/$name" > "$log" 2>&1; then
    tail -n 30 "$log"
    echo "$name: went wrong; its input is $(ls -t "$build/$name"-* | head -n 1)"
    exit 1
  fi
  awk -v name="$name" -v seconds="$seconds" '/number_of_executed_units/ { n = $2 } /peak_rss_mb/ { m = $2 }
    /cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1) }
    END { printf "%s: %d executions in %d s, %d edges covered, memory at the most %d MiB: clean\n", name, n, seconds, c, m }' "$log"
done
