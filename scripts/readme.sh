#!/usr/bin/env bash
# Puts what `make demo` prints into README.md; with --check it only fails when README.md shows something else.
set -euo pipefail
cd "$(dirname "$0")/.."

output=$(mktemp)
trap 'rm -f "$output" "$output.md"' EXIT
scripts/demo.sh >"$output"

awk -v output="$output" '
	/^<!-- demo:/ {
		print; print "```"
		while ((getline line < output) > 0) if (line != "" || shown) { print line; shown = 1 }
		print "```"; skip = 1; next
	}
	/^<!-- \/demo -->/ { skip = 0 }
	!skip { print }
' README.md >"$output.md"

if [ "${1:-}" = --check ]; then
	diff -u README.md "$output.md" >&2 || { echo "README.md does not show what make demo prints: run scripts/readme.sh" >&2; exit 1; }
else
	cp "$output.md" README.md
fi
