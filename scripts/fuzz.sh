#!/usr/bin/env bash
# Runs every fuzz test of the module for some time each (10s unless told), one after the other, and says how many inputs each
# tried: fuzz.sh [TIME] [PATTERN]. It goes on behind a failure and exits with 1 in the end.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-10s} pattern=${2:-.} failed=0 log=$(mktemp)
trap 'rm -f "$log"' EXIT

while IFS=: read -r file name; do
	package=./$(dirname "$file")
	[[ $package/$name =~ $pattern ]] || continue
	if go test "$package" -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 1s >"$log" 2>&1; then
		printf '%-32s %-18s %12s inputs\n' "${package#./internal/}" "$name" "$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -1)"
	else
		printf '%-32s %-18s FAILED\n' "${package#./internal/}" "$name"
		cat "$log"
		failed=1
	fi
done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z]+' . | sed 's,^\./,,; s/func //' | sort)
exit $failed
