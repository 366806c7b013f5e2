#!/usr/bin/env bash
# What the tests need besides servers: the browser in which they look at HTML
# pages, axe-core, which finds what keeps people out of a page, and ssh-keygen.
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
cache=${XDG_CACHE_HOME:-$HOME/.cache}/schemactl/browser
axe=${SCHEMACTL_TEST_AXE:-$cache/axe-core-$axe_version/axe.min.js}

say() { printf '%s\n' "$*" >&2; }
die() { say "testtools.sh: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

browser() {
	[ -z "${SCHEMACTL_TEST_CHROMIUM-}" ] || { echo "$SCHEMACTL_TEST_CHROMIUM" && return; }
	command -v chromium-headless-shell || command -v chromium || command -v google-chrome
}

install_apt() {
	local sudo=(env)
	have apt-get || die "$1 is missing: install it yourself (a browser: set SCHEMACTL_TEST_CHROMIUM)"
	[ "$(id -u)" = 0 ] || sudo=(sudo)
	say "installing $* (apt)"
	mkdir -p "$cache"
	{
		"${sudo[@]}" apt-get -qq update &&
			"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
				apt-get -qq -y --no-install-recommends install "$@"
	} >"$cache/apt.log" 2>&1 || { cat "$cache/apt.log" >&2 && die "apt-get install $* failed"; }
}

install_axe() {
	local part
	[ ! -e "$axe" ] || return 0
	[ -z "${SCHEMACTL_TEST_AXE-}" ] || die "SCHEMACTL_TEST_AXE names no file"
	have npm || die "axe-core comes from npm, which is not installed"
	say "installing axe-core $axe_version (npm)"
	mkdir -p "$cache"
	part=$(mktemp -d "$cache/.part-XXXXXX")
	(cd "$part" && npm pack --silent "axe-core@$axe_version" >/dev/null && tar -xzf ./*.tgz)
	# Another run may have been faster; then its copy stays.
	mv -T "$part/package" "$(dirname "$axe")" 2>/dev/null || [ -e "$axe" ]
	rm -rf "$part"
}

install_all() {
	browser >/dev/null || install_apt chromium-headless-shell fonts-dejavu-core
	have ssh-keygen || install_apt openssh-client
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
