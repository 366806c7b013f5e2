#!/usr/bin/env bash
# Proves that a fresh machine will do: makes a bare Debian with git, make and Go in a folder (debootstrap, minbase), and
# runs `make demo` and `make test` of a clean clone of the last commit there, each with a stop-watch. Its caches are empty.
#
#   scripts/bare.sh [demo] [test]     without a word, both; TEST=./internal/plan goes to make test
#
#   SUITE   the release of Debian     bookworm
#   BARE    keep and reuse a folder   else a temporary one, which is gone afterwards
#
# It needs root on Debian. What leads this machine to its registries leads the bare one too: apt's mirror and settings of
# transport, npm's and Go's configuration, certificates, name resolution, and proxies.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { printf 'bare.sh: %s\n' "$*" >&2; exit 1; }

# plain_mirror prints a mirror as debootstrap understands it, which knows no lists of mirrors.
plain_mirror() {
	local mirror list
	mirror=$(scripts/packages.sh mirror)
	case $mirror in
	mirror+file:* | mirror+copy:*)
		list=${mirror#mirror+*:}
		mirror=$(awk '$1 !~ /^#/ && NF { print $1; exit }' "${list%/}")
		;;
	esac
	case $mirror in
	http://* | https://* | file:* | ftp://*) echo "${mirror%/}" ;;
	*) die "debootstrap cannot read from $mirror" ;;
	esac
}

# carry copies a file or folder of this machine to the same place in the bare one.
carry() {
	local path
	for path in "$@"; do
		[ -e "$path" ] || continue
		mkdir -p "$root$(dirname "$path")"
		rm -rf "${root:?}$path"
		cp -RL "$path" "$root$path"
	done
}

# registry_variables prints the variables that lead programs to their registries, one NAME=VALUE after another.
registry_variables() {
	env -0 | grep -zE '^(([a-z]+|[A-Z]+)_(proxy|PROXY)|(npm|NPM)_(config|CONFIG)_[^=]*|GO(PROXY|SUMDB|NOSUMDB|NOSUMCHECK|NOPROXY|PRIVATE|INSECURE|AUTH|FLAGS|TOOLCHAIN)|[A-Z_]*(CERT|CERTS|CERT_FILE|CERT_DIR|CA_BUNDLE|CAINFO|CERTIFICATE_FILE))=' |
		grep -zvE '^(npm|NPM)_(config|CONFIG)_(cache|prefix|tmp)' || true
}

carry_settings() {
	local value
	# What apt knows of transport; the files that it names come along.
	apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|Proxy|ForceIPv4|ForceIPv6)' >"$root/etc/apt/apt.conf.d/90transport" || true
	while read -r value; do carry "$value"; done < <(sed -nE 's/^.* "(\/[^"]+)";$/\1/p' "$root/etc/apt/apt.conf.d/90transport")
	carry /etc/apt/auth.conf /etc/apt/auth.conf.d /etc/resolv.conf /etc/hosts /usr/local/share/ca-certificates
	# npm's and Go's files of this user and of the machine.
	! command -v npm >/dev/null || carry "$(npm config get globalconfig)"
	for value in .npmrc .netrc .config/go/env; do
		[ ! -e "$HOME/$value" ] || { mkdir -p "$(dirname "$root/root/$value")" && cp "$HOME/$value" "$root/root/$value"; }
	done
	while IFS= read -rd '' value; do
		case ${value#*=} in /*) carry "${value#*=}" ;; esac
	done < <(registry_variables)
}

# inside runs a command in the bare system, with processes and mounts of its own that end with it.
inside() {
	local variables
	mapfile -d '' -t variables < <(registry_variables)
	# shellcheck disable=SC2016 # for the shell inside
	unshare --mount --pid --ipc --fork --kill-child --propagation private bash -c '
		root=$1; shift
		mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/dev/shm"
		# This first process waits for orphans, too.
		chroot "$root" env -i "$@"
		exit $?
	' bash "$root" HOME=/root PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LANG=C.UTF-8 "${variables[@]}" "$@"
}

make_root() {
	local mirror
	mirror=$(plain_mirror)
	echo "== $suite from $mirror"
	debootstrap --variant=minbase --include=git,make "$suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
		{ tail -n 20 "$work/debootstrap.log" >&2 && die "debootstrap failed"; }
	mkdir -p "$root/usr/local"
	cp -R "$(go env GOROOT)" "$root/usr/local/go"
}

main() {
	local target seconds
	[ "$(id -u)" = 0 ] || die "needs root, for debootstrap and chroot"
	[ $# -gt 0 ] || set -- demo test
	for target in "$@"; do
		case $target in demo | test) ;; *) die "what is '$target'? (demo, test)" ;; esac
	done
	scripts/packages.sh install debootstrap keyring
	export PATH=$PATH:/usr/sbin:/sbin
	suite=${SUITE:-bookworm}
	work=$(mktemp -d)
	root=${BARE:-$work/root}
	trap 'rm -rf --one-file-system "$work"' EXIT
	trap 'exit 130' INT TERM
	[ -x "$root/usr/local/go/bin/go" ] || make_root
	carry_settings
	rm -rf "${root:?}/src" "$root/root/.cache" "$root/root/.npm" "$root/root/go"
	git clone --quiet --no-hardlinks . "$root/src"
	for target in "$@"; do
		echo "== make $target"
		seconds=$SECONDS
		inside make -C /src "$target" ${TEST:+"TEST=$TEST"}
		seconds=$((SECONDS - seconds))
		echo "== make $target: $((seconds / 60)) min $((seconds % 60)) s"
	done
}

main "$@"
