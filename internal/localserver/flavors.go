package localserver

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// isInitSetting tells the settings that a data directory is made with; the others are given to the server
// when it starts.
func isInitSetting(flavor Flavor, name string) bool {
	switch name {
	case "encoding", "lc_collate", "lc_ctype":
		return flavor == Postgres
	case "innodb_page_size", "lower_case_table_names":
		return flavor != Postgres
	}
	return false
}

// postgresInitArgs leave out what a development server does not need: the C locale and small log segments
// make the data directory small, and so quick to copy. Trust is between those who can reach the socket.
func postgresInitArgs(settings map[string]string) []string {
	value := func(name, fallback string) string {
		if v := settings[name]; v != "" {
			return v
		}
		return fallback
	}
	return []string{
		"--username=" + superuser(Postgres), "--auth=trust", "--no-sync", "--wal-segsize=1",
		"--encoding=" + value("encoding", "UTF8"), "--locale=C",
		"--lc-collate=" + value("lc_collate", "C"), "--lc-ctype=" + value("lc_ctype", "C"),
	}
}

func mysqlInitArgs(settings map[string]string) []string {
	args := []string{
		"--no-defaults", "--initialize-insecure", // no password: only the socket reaches it
		"--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF", "--loose-innodb-redo-log-capacity=16M",
	}
	args = append(args, withoutKeys()...)
	return append(args, mysqlSettings(settings, true)...)
}

func mariadbInitArgs(in Install, settings map[string]string) []string {
	args := []string{
		"--no-defaults", "--basedir=" + filepath.Dir(in.Bin), "--auth-root-authentication-method=normal",
		"--skip-test-db", "--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0",
	}
	return append(args, mysqlSettings(settings, true)...)
}

// mysqlSettings writes settings as options. A server that does not know one, being of a neighbouring
// version, warns and goes on.
func mysqlSettings(settings map[string]string, forInit bool) []string {
	var args []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !forInit || isInitSetting(MySQL, name) {
			args = append(args, "--loose-"+strings.ReplaceAll(name, "_", "-")+"="+settings[name])
		}
	}
	return args
}

func postgresSettings(settings map[string]string) []string {
	var args []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !isInitSetting(Postgres, name) {
			args = append(args, "-c", name+"="+settings[name])
		}
	}
	return args
}

// throwawayArgs start a server whose data no one will miss, reachable by its socket only.
func throwawayArgs(flavor Flavor, dataDir, socketDir string, settings map[string]string) []string {
	if flavor == Postgres {
		args := []string{"-D", dataDir}
		for _, setting := range []string{
			"listen_addresses=", "unix_socket_directories=" + socketDir, "unix_socket_permissions=0700",
			"fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
			"wal_level=minimal", "max_wal_senders=0", "max_logical_replication_workers=0",
			"jit=off", "shared_buffers=64MB", "max_connections=40",
			"dynamic_shared_memory_type=mmap", // in the data folder, so that it goes with it after a crash too
			"max_locks_per_transaction=1024",  // thousands of tables in one transaction
		} {
			args = append(args, "-c", setting)
		}
		return append(args, postgresSettings(settings)...)
	}
	args := append(mysqlBaseArgs(dataDir, socketDir),
		"--skip-networking", "--innodb-doublewrite=OFF", "--performance-schema=OFF")
	args = append(args, withoutKeys()...)
	return append(args, mysqlSettings(settings, false)...)
}

// mysqlBaseArgs are common to all servers of the MySQL family that we run. Events must not run: the schema is
// here to be read.
func mysqlBaseArgs(dataDir, socketDir string) []string {
	return []string{
		"--no-defaults", "--datadir=" + dataDir, "--socket=" + socketPath(MySQL, socketDir),
		"--pid-file=" + filepath.Join(socketDir, "server.pid"), "--event-scheduler=OFF",
		"--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
		"--innodb-buffer-pool-load-at-startup=OFF", "--innodb-buffer-pool-dump-at-shutdown=OFF",
		"--loose-mysqlx=OFF",
	}
}

// withoutKeys saves the making of keys, which only connections from elsewhere need.
func withoutKeys() []string {
	return []string{
		"--loose-auto-generate-certs=OFF", "--loose-sha256-password-auto-generate-rsa-keys=OFF",
		"--loose-caching-sha2-password-auto-generate-rsa-keys=OFF",
	}
}

// socketPath is the socket that a server makes in its socket folder.
func socketPath(flavor Flavor, dir string) string {
	if flavor == Postgres {
		return filepath.Join(dir, ".s.PGSQL."+strconv.Itoa(postgresPort))
	}
	return filepath.Join(dir, "server.sock")
}

// postgresPort names the socket; no one listens on the port itself.
const postgresPort = 5432

// superuser is the name of the account that a server is initialised with.
func superuser(flavor Flavor) string {
	if flavor == Postgres {
		return "postgres"
	}
	return "root"
}
