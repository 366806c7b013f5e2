package localserver

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// Persistent is a server that outlives the process that starts it and keeps its data. It listens on a port of
// 127.0.0.1 with a password, and on a socket that only its own user reaches.
type Persistent struct {
	Install  Install
	Dir      string // holds all of it
	Port     int
	Options  Options
	Password string // of the superuser
}

// PersistentRoot is the folder where persistent servers belong, whether it is there or not: in the user's
// cache, or, for root, whose home is closed to the user that the server runs as, beside the system's caches, under a name
// of that cache's own: what one cache's owner cleans must not be another's.
func PersistentRoot(cacheDir string) (string, error) {
	id, err := serverIdentity(Postgres)
	if err != nil {
		return "", err
	}
	if !passable(cacheDir, id) {
		of := sha256.Sum256([]byte(cacheDir))
		return "/var/cache/schemactl-dev-" + hex.EncodeToString(of[:4]), nil
	}
	return filepath.Join(cacheDir, "dev"), nil
}

// MakePersistentRoot makes that folder, if need be.
func MakePersistentRoot(cacheDir string) (string, error) {
	root, err := PersistentRoot(cacheDir)
	if err != nil {
		return "", err
	}
	id, err := serverIdentity(Postgres)
	if err != nil {
		return "", err
	}
	mode := fs.FileMode(0o700)
	if id != nil {
		mode = 0o711
	}
	if err := os.MkdirAll(filepath.Dir(root), mode); err != nil {
		return "", err
	}
	if err := makePrivate(root, id); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return root, nil
}

// Start starts the server and returns its process id once it takes connections. The first start initialises
// the data.
func (p Persistent) Start(ctx context.Context) (pid int, err error) {
	if err := errors.Join(Supported(), checkSettings(p.Options.Settings)); err != nil {
		return 0, err
	}
	id, err := serverIdentity(p.Install.Release.Flavor)
	if err != nil {
		return 0, err
	}
	in, err := readable(p.Install, id)
	if err != nil {
		return 0, err
	}
	if err := makePrivate(p.Dir, id); err != nil && !errors.Is(err, fs.ErrExist) {
		return 0, err
	}
	if err := p.ensureData(ctx, in, id); err != nil {
		return 0, err
	}
	run := p.socketDir()
	if err := os.Mkdir(run, 0o700); err == nil {
		err = id.chown(run)
		if err != nil {
			return 0, err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return 0, err
	}
	return p.launch(ctx, in, id)
}

// ensureData makes the data directory, in one step, if there is none.
func (p Persistent) ensureData(ctx context.Context, in Install, id *identity) error {
	data := filepath.Join(p.Dir, dataDir)
	if _, err := os.Stat(data); err == nil {
		return nil
	}
	w, err := newWorkspace(id)
	if err != nil {
		return err
	}
	defer func() { _ = w.remove() }() // what stays is swept
	part := data + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := initData(ctx, in, p.Options, w, part, id); err != nil {
		return err
	}
	if in.Release.Flavor == Postgres {
		hba := []byte("local  all  all  trust\nhost   all  all  127.0.0.1/32  scram-sha-256\n") //nolint:dupword // two columns
		if err := os.WriteFile(filepath.Join(part, "pg_hba.conf"), hba, 0o600); err != nil {
			return err
		}
	}
	return os.Rename(part, data)
}

func (p Persistent) launch(ctx context.Context, in Install, id *identity) (pid int, err error) {
	output, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { _ = output.Close() }()
	cmd := exec.Command(in.Server, p.args()...)
	cmd.Dir, cmd.Env = "/", serverEnv(p.socketDir())
	cmd.Stdout, cmd.Stderr = output, output
	detach(cmd, id, outlivesUs)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start %s: %w", in.Release, err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	err = waitReady(ctx, p.socket(), ended)
	if err == nil {
		err = p.setPassword(ctx)
	}
	if err != nil {
		_ = killTree(cmd.Process)
		<-ended
		text, _ := os.ReadFile(p.LogFile())
		return 0, fmt.Errorf("start %s (%s): %w\n%s", in.Release, in.Server, err, lastLines(text, 10))
	}
	return cmd.Process.Pid, nil
}

// args keep the server's durability: its data is meant to last.
func (p Persistent) args() []string {
	data, port := filepath.Join(p.Dir, dataDir), strconv.Itoa(p.Port)
	if p.Install.Release.Flavor == Postgres {
		args := []string{
			"-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + port,
			"-c", "unix_socket_directories=" + p.socketDir(), "-c", "unix_socket_permissions=0700",
			"-c", "max_locks_per_transaction=256",
		}
		return append(args, postgresSettings(p.Options.Settings)...)
	}
	args := append(mysqlBaseArgs(data, p.socketDir()), "--bind-address=127.0.0.1", "--port="+port, "--skip-name-resolve")
	return append(args, mysqlSettings(p.Options.Settings, false)...)
}

// setPassword gives the superuser the password for connections to the port. The socket needs none on
// PostgreSQL; on the others root@localhost keeps having none, which only the socket's folder protects.
func (p Persistent) setPassword(ctx context.Context) error {
	conn, err := p.socket().connector()
	if err != nil {
		return err
	}
	db := sql.OpenDB(conn)
	defer func() { _ = db.Close() }()
	statements := []string{
		"CREATE USER IF NOT EXISTS root@'127.0.0.1'",
		"ALTER USER root@'127.0.0.1' IDENTIFIED BY '" + p.Password + "'",
		"GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION",
	}
	if p.Install.Release.Flavor == Postgres {
		statements = []string{"ALTER ROLE postgres PASSWORD '" + p.Password + "'"}
	}
	for _, q := range statements {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("set the password: %w", err)
		}
	}
	return nil
}

// LogFile is where the server writes its messages.
func (p Persistent) LogFile() string { return filepath.Join(p.Dir, logFile) }

func (p Persistent) socket() socket { return socket{p.Install.Release.Flavor, p.socketDir(), p.Port} }

// socketDir is within the server's folder, or, where that makes too long a name, within the temporary one.
func (p Persistent) socketDir() string {
	dir := filepath.Join(p.Dir, runDir)
	if len(socketPath(Postgres, dir)) > maxSocketPath {
		dir = filepath.Join("/tmp", "schemactl-run-"+strconv.Itoa(os.Geteuid())+"-"+p.Install.Release.ID())
	}
	return dir
}

// Running reports whether the process is this server.
func (p Persistent) Running(pid int) bool { return isRunning(pid, p.Dir) }

// Stop ends the server and waits until it has.
func (p Persistent) Stop(ctx context.Context, pid int) error {
	if !p.Running(pid) {
		return nil
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := shutDown(process, p.Install.Release.Flavor); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.Install.Release, err)
	}
	for p.Running(pid) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// Remove deletes the data of a stopped server.
func (p Persistent) Remove() error {
	return errors.Join(os.RemoveAll(p.socketDir()), os.RemoveAll(p.Dir))
}

// Lock takes a lock file, waiting for whoever holds it, and returns what lets it go.
func Lock(path string) (unlock func(), err error) {
	f, err := openLock(path, true)
	if err != nil {
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
