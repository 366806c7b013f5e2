#!/usr/bin/env bash
# schemactl at work, on a PostgreSQL of its own: plan, apply, change the schema, plan and apply again, no changes.
# It needs no database: it takes a PostgreSQL that is installed here, or fetches one. All that it starts and writes is
# in a temporary folder and is gone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$PWD

servers=${SCHEMACTL_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/schemactl/servers}
work=$(mktemp -d)
# A cache of its own, so that nothing of the user's is read or written; the installed servers are shared.
export XDG_CACHE_HOME=$work/cache NO_COLOR=1
mkdir -p "$servers" "$XDG_CACHE_HOME/schemactl"
# For root, whose server runs as another user: it keeps its data in here too.
chmod 711 "$work" "$XDG_CACHE_HOME" "$XDG_CACHE_HOME/schemactl"
ln -s "$servers" "$XDG_CACHE_HOME/schemactl/servers"

schemactl() { "$project/bin/schemactl" "$@"; }
cleanup() {
	schemactl dev clean >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '\n# %s\n' "$*"; }
# run shows a command as a user types it, then what it prints. Durations differ from run to run and are left out.
run() {
	printf '$ %s\n' "$*"
	"$@" --var "url=$url" 2>&1 | sed -E 's/ in [0-9.]+(µs|ms|s)\.$/./'
}
# apply shows the plan again, which has been seen: only the last line is new.
apply() {
	printf '$ schemactl apply %s\n' "$*"
	schemactl apply "$@" --var "url=$url" 2>&1 | tail -n 1 | sed -E 's/ in [0-9.]+(µs|ms|s)\.$/./'
}

# start_server starts the newest PostgreSQL that schemactl supports and that is installed here, and prints its URL.
start_server() {
	local version
	for version in ${SCHEMACTL_DEMO_POSTGRES:-18 17 16 15 14}; do
		! schemactl dev start "postgres/$version" 2>/dev/null || return 0
	done
	return 1
}
if ! server=$(start_server); then
	XDG_CACHE_HOME='' SCHEMACTL_SERVERS=$servers scripts/servers.sh install postgres-18 >&2
	server=$(schemactl dev start postgres/18)
fi
url="$server&search_path=public"
cp schema.hcl atlas.hcl "$work/"
cd "$work"

say "An empty database, and schema.hcl. What would change?"
run schemactl plan --env local
say "Do it."
apply --env local --auto-approve
say "The schema changes: users get a name."
sed -i.old '/^table "users"/,/^}/ s/^  column "password_hash" {/  column "name" {\
    type = text\
    null = true\
  }\
&/' schema.hcl
run schemactl plan --env local
apply --env local --auto-approve
say "And now?"
run schemactl plan --env local
