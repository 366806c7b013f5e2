#!/usr/bin/env bash
# What the tests need besides servers: the browser in which they look at HTML
# pages, axe-core, which finds what keeps people out of a page, ssh-keygen, and
# pt-online-schema-change.
#
#   scripts/testtools.sh install|env
#   scripts/testtools.sh run COMMAND…   install, run COMMAND with their paths
#
#   SCHEMACTL_TEST_CHROMIUM   the browser      chromium-headless-shell or chromium, from apt
#   SCHEMACTL_TEST_AXE        axe.min.js       from npm, in ${XDG_CACHE_HOME:-~/.cache}/schemactl/browser
#
# What these name already is taken as it is.
set -euo pipefail

axe_version=4.14.1
packages=$(cd "$(dirname "$0")" && pwd)/packages.sh
cache=${XDG_CACHE_HOME:-$HOME/.cache}/schemactl/browser
axe=${SCHEMACTL_TEST_AXE:-$cache/axe-core-$axe_version/axe.min.js}

say() { printf '%s\n' "$*" >&2; }
die() { say "testtools.sh: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

browser() {
	[ -z "${SCHEMACTL_TEST_CHROMIUM-}" ] || { echo "$SCHEMACTL_TEST_CHROMIUM" && return; }
	command -v chromium-headless-shell || command -v chromium || command -v google-chrome
}

install_axe() {
	local part
	[ ! -e "$axe" ] || return 0
	[ -z "${SCHEMACTL_TEST_AXE-}" ] || die "SCHEMACTL_TEST_AXE names no file"
	"$packages" install npm
	say "installing axe-core $axe_version (npm)"
	mkdir -p "$cache"
	part=$(mktemp -d "$cache/.part-XXXXXX")
	(cd "$part" && npm pack --silent "axe-core@$axe_version" >/dev/null && tar -xzf ./*.tgz)
	# Another run may have been faster; then its copy stays.
	mv -T "$part/package" "$(dirname "$axe")" 2>/dev/null || [ -e "$axe" ]
	rm -rf "$part"
}

install_all() {
	"$packages" install browser ssh-keygen online
	install_axe
}

case ${1-} in
install) install_all ;;
env)
	install_all
	printf 'export SCHEMACTL_TEST_CHROMIUM=%q\nexport SCHEMACTL_TEST_AXE=%q\n' "$(browser)" "$axe"
	;;
run)
	shift
	[ $# -gt 0 ] || die "run what?"
	install_all
	SCHEMACTL_TEST_CHROMIUM=$(browser)
	export SCHEMACTL_TEST_CHROMIUM SCHEMACTL_TEST_AXE=$axe
	exec "$@"
	;;
*) die "usage: scripts/testtools.sh install|env|run COMMAND…" ;;
esac
