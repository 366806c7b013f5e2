#!/usr/bin/env bash
# Makes migrations/, the history of the living example, with the commands that a user has: from examples/history to
# schema.hcl. With --check it only fails when migrations/ is something else.
set -euo pipefail
cd "$(dirname "$0")/.."
steps=$PWD/examples/history
schema=$PWD/schema.hcl
schemactl=$PWD/bin/schemactl

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/migrations"
cd "$work"
cat >atlas.hcl <<'HCL'
env "history" {
  dev = "embedded://postgres/18"
  url = "postgres://localhost/example?search_path=public"
  diff {
    concurrent_index {
      create = true
    }
  }
  migration {
    dir  = "file://migrations"
    down = true
  }
}
HCL

# dated gives the files that a command writes fixed versions, so that every run makes the same directory.
dated() {
	local version=$1 before file
	shift
	before=$(ls migrations)
	"$schemactl" migrate "$@" --env history
	for file in $(comm -13 <(echo "$before") <(ls migrations)); do
		[ "$file" = atlas.sum ] && continue
		mv "migrations/$file" "migrations/${version}_${file#*_}"
		version=$((version + 1))
	done
	"$schemactl" migrate hash --env history 2>/dev/null
}
# by_hand writes a migration that no comparison of states can know.
by_hand() {
	dated "$1" new "$2"
	cp "$steps/$3" "migrations/$1_$2.sql"
	"$schemactl" migrate hash --env history 2>/dev/null
}

dated 20260105090000 diff initial --to "file://$steps/1-initial.sql"
dated 20260112090000 diff roles --to "file://$steps/1-initial.sql" --to "file://$steps/2-roles.sql"
by_hand 20260119090000 rename_password 3-rename-password.sql
by_hand 20260126090000 require_updated_at 4-require-updated-at.sql
by_hand 20260126090001 validate_updated_at 5-validate-updated-at.sql
by_hand 20260126090002 updated_at_not_null 6-updated-at-not-null.sql

# What is there, and one index: built without stopping writes.
"$schemactl" inspect --url file://migrations --dev-url embedded://postgres/18 --format sql >now.sql
echo "CREATE INDEX posts_created_at_idx ON public.posts (created_at DESC);" >>now.sql
dated 20260202090000 diff newest_posts --to file://now.sql

# The rest of what schema.hcl declares.
dated 20260209090000 diff readers --to "file://$schema" --allow-destructive
"$schemactl" migrate validate --env history
"$schemactl" migrate diff nothing --to "file://$schema" --env history 2>&1 | grep '^No changes'

cd - >/dev/null
if [ "${1:-}" = --check ]; then
	diff -ru "$work/migrations" migrations >&2 || { echo "migrations/ is not what scripts/history.sh makes: run it" >&2; exit 1; }
	exit
fi
rm -rf migrations
cp -R "$work/migrations" migrations
