#!/usr/bin/env bash
# What the other scripts need of the system, as packages of Debian.
#
#   scripts/packages.sh install NEED…   installs what is missing of that, by apt as root or with sudo; where that
#                                       cannot be, one line names all that is missing
#   scripts/packages.sh download DIR PACKAGE…   downloads packages of this system's release without installing them
#   scripts/packages.sh mirror          prints the Debian mirror that this system's own apt is configured with
#
# NEED is `test` for all that make test needs, or one of the words below.
set -euo pipefail

test_needs=(go cc ps npm postgres-15 pgbouncer mariadb-10.11 browser ssh-keygen online)

say() { printf '%s\n' "$*" >&2; }
die() { say "packages.sh: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# lacking prints the packages that a need lacks here.
lacking() {
	case $1 in
	go) # fetches modules over HTTPS
		[ -n "${SSL_CERT_FILE-}${SSL_CERT_DIR-}" ] || ! have apt-get ||
			[ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates ;;
	cc) have cc || echo gcc libc6-dev ;; # for go test -race
	ps) have ps || echo procps ;;
	npm) have npm || echo npm ;;
	make) have make || echo make ;;
	shellcheck) have shellcheck || echo shellcheck ;;
	debootstrap) have debootstrap || [ -x /usr/sbin/debootstrap ] || echo debootstrap ;;
	keyring) [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] || echo debian-archive-keyring ;;
	postgres-15)
		[ -x /usr/lib/postgresql/15/bin/postgres ] || echo postgresql-15
		[ -e /usr/share/postgresql/15/extension/postgis.control ] || echo postgresql-15-postgis-3
		;;
	pgbouncer) [ -x /usr/sbin/pgbouncer ] || have pgbouncer || echo pgbouncer ;;
	mariadb-10.11)
		[ -x /usr/sbin/mariadbd ] || echo mariadb-server-core
		# The client has what the server's initialisation needs.
		[ -x /usr/bin/my_print_defaults ] || echo mariadb-client-core
		;;
	browser)
		[ -n "${SCHEMACTL_TEST_CHROMIUM-}" ] || have chromium-headless-shell || have chromium ||
			have google-chrome || echo chromium-headless-shell fonts-dejavu-core
		;;
	ssh-keygen) have ssh-keygen || echo openssh-client ;;
	online) have pt-online-schema-change || echo percona-toolkit ;;
	test) for need in "${test_needs[@]}"; do lacking "$need"; done ;;
	*) die "unknown need '$1'" ;;
	esac
}

# may_install finds out how this user may install packages.
may_install() {
	have apt-get || return 1
	as_root=(env)
	[ "$(id -u)" = 0 ] && return
	as_root=(sudo)
	have sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }
}

install() {
	local missing need log ok=1 made_policy=
	missing=$(for need in "$@"; do lacking "$need"; done)
	# shellcheck disable=SC2086 # words
	set -- $missing
	[ $# -gt 0 ] || return 0
	may_install || die "missing, to be installed by root: $*"
	say "installing $* (apt)"
	log=$(mktemp)
	# The servers without the services that their packages would start.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
		"${as_root[@]}" chmod 755 $policy
		made_policy=1
	fi
	{
		"${as_root[@]}" apt-get -qq update &&
			"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
				apt-get -qq -y --no-install-recommends install "$@"
	} >"$log" 2>&1 </dev/null || ok=
	[ -z "$made_policy" ] || "${as_root[@]}" rm -f $policy
	[ -n "$ok" ] || cat "$log" >&2
	rm -f "$log"
	[ -n "$ok" ] || die "apt-get install $* failed"
}

download() {
	local dir=$1
	shift
	have apt-get || die "there is no apt-get to download $* with"
	(cd "$dir" && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "$@" >/dev/null 2>&1) && return
	# The lists are missing, or name versions that are gone.
	may_install || die "apt-get update is due, by root"
	"${as_root[@]}" apt-get -qq update
	(cd "$dir" && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "$@") >/dev/null || die "apt-get download $* failed"
}

# debian_source prints the first source of Debian itself in apt's lists: not its security updates, and nobody else's.
debian_source() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get "$@" indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
		awk -F '|' '$1 == "Debian" && $2 == "Debian" { sub("/$", "", $3); print $3; exit }'
}

mirror() {
	local found lists options
	have apt-get || die "there is no apt-get, and so no mirror of Debian"
	found=$(debian_source)
	if [ -z "$found" ]; then
		# Whose a source is stands in its lists, which images of containers leave out.
		lists=$(mktemp -d)
		trap 'rm -rf "$lists"' EXIT
		mkdir -p "$lists/partial"
		options=(-o "Dir::State::lists=$lists" -o "Dir::Cache=$lists" -o "APT::Sandbox::User=$(id -un)")
		apt-get "${options[@]}" -qq update >&2 || true
		found=$(debian_source "${options[@]}")
	fi
	[ -n "$found" ] || die "the sources of this system's apt name no mirror of Debian (/etc/apt/sources.list, /etc/apt/sources.list.d)"
	echo "$found"
}

action=${1-}
shift || true
case $action in
install) install "$@" ;;
download) download "$@" ;;
mirror) mirror ;;
*)
	sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
