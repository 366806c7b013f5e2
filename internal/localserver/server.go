package localserver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
)

// Options tell how to run a server.
type Options struct {
	// CacheDir is the user's cache folder of schemactl, for templates; required.
	CacheDir string
	// Settings are server settings by name, such as lower_case_table_names; on PostgreSQL also encoding,
	// lc_collate and lc_ctype of its databases.
	Settings map[string]string
}

// Server is a running throw-away server.
type Server struct {
	Release Release

	work    *workspace
	cmd     *exec.Cmd
	done    chan struct{} // closed when the process has ended
	close   func() error
	unwatch func() bool
}

// lifetime tells whether a server ends with the process that started it.
type lifetime int

const (
	endsWithUs lifetime = iota
	outlivesUs
)

const (
	dataDir = "data"
	runDir  = "run"
	logFile = "log"
)

// startTimeout is generous: an overloaded machine starts a MySQL server in half a minute.
const startTimeout = 90 * time.Second

// Start runs a new, empty server that ends at Close or when ctx does. Its data is a fresh copy.
func Start(ctx context.Context, in Install, opts Options) (*Server, error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	if err := checkSettings(opts.Settings); err != nil {
		return nil, err
	}
	id, err := serverIdentity(in.Release.Flavor)
	if err != nil {
		return nil, err
	}
	if in, err = readable(in, id); err != nil {
		return nil, err
	}
	w, err := newWorkspace(id)
	if err != nil {
		return nil, fmt.Errorf("make a folder for %s: %w", in.Release, err)
	}
	s := &Server{Release: in.Release, work: w, done: make(chan struct{})}
	s.close = sync.OnceValue(s.end)
	if err := s.start(ctx, in, opts, id); err != nil {
		err = errors.Join(err, s.Close())
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	s.unwatch = context.AfterFunc(ctx, func() { _ = s.close() })
	return s, nil
}

func (s *Server) start(ctx context.Context, in Install, opts Options, id *identity) error {
	data := filepath.Join(s.work.dir, dataDir)
	if err := initData(ctx, in, opts, s.work, data, id); err != nil {
		return err
	}
	run, err := s.work.mkdir(runDir, id)
	if err != nil {
		return err
	}
	output, err := os.OpenFile(filepath.Join(s.work.dir, logFile), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = output.Close() }()
	cmd := exec.Command(in.Server, throwawayArgs(in.Release.Flavor, data, run, opts.Settings)...)
	cmd.Dir, cmd.Env = "/", serverEnv(run)
	cmd.Stdout, cmd.Stderr = output, output
	detach(cmd, id, endsWithUs)
	if err := s.launch(cmd); err != nil {
		return fmt.Errorf("start %s: %w", in.Release, err)
	}
	if err := s.work.writePID(cmd.Process.Pid); err != nil {
		return err
	}
	if err := waitReady(ctx, s.socket(), s.done); err != nil {
		text, _ := os.ReadFile(output.Name())
		return fmt.Errorf("start %s (%s): %w\n%s", in.Release, in.Server, err, lastLines(text, 10))
	}
	return nil
}

// launch starts the process on a thread that stays until it ends: on Linux the kernel ends a child with the
// thread, not the process, that started it.
func (s *Server) launch(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // we end it by a signal, so it never ends well
			close(s.done)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.cmd = cmd
	return nil
}

// Close ends the server and removes its data. It may be called more than once.
func (s *Server) Close() error {
	if s.unwatch != nil {
		s.unwatch()
	}
	return s.close()
}

func (s *Server) end() error {
	if s.cmd != nil {
		_ = quit(s.cmd.Process, s.Release.Flavor) // fails when it has ended already, which is what we want
		select {
		case <-s.done:
		case <-time.After(5 * time.Second):
			_ = killTree(s.cmd.Process)
			<-s.done
		}
	}
	if err := s.work.remove(); err != nil {
		return fmt.Errorf("remove the data of %s: %w", s.Release, err)
	}
	return nil
}

// URL is the address of a database of the server, or, without a name, of the server as a whole.
func (s *Server) URL(database string) string {
	return socketURL(s.Release.Flavor, filepath.Join(s.work.dir, runDir), database)
}

func socketURL(flavor Flavor, socketDir, database string) string {
	if flavor == Postgres {
		if database == "" {
			database = "postgres"
		}
		u := url.URL{Scheme: "postgres", User: url.User(superuser(flavor)), Path: "/" + database}
		u.RawQuery = url.Values{"host": {socketDir}, "sslmode": {"disable"}}.Encode()
		return u.String()
	}
	u := url.URL{Scheme: "mysql+unix", User: url.UserPassword(superuser(flavor), ""), Path: socketPath(flavor, socketDir)}
	if flavor == MariaDB {
		u.Scheme = "maria+unix"
	}
	if database != "" {
		u.RawQuery = url.Values{"database": {database}}.Encode()
	}
	return u.String()
}

func (s *Server) socket() socket {
	return socket{s.Release.Flavor, filepath.Join(s.work.dir, runDir), postgresPort}
}

// socket is where a server is reached as its superuser.
type socket struct {
	flavor Flavor
	dir    string
	port   int // PostgreSQL: part of the socket's name
}

func (s socket) connector() (driver.Connector, error) {
	if s.flavor == Postgres {
		return pq.NewConnector(fmt.Sprintf("host='%s' port=%d user=%s dbname=postgres sslmode=disable",
			strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.dir), s.port, superuser(s.flavor)))
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr = superuser(s.flavor), "unix", socketPath(s.flavor, s.dir)
	cfg.Logger = &mysql.NopLogger{} // that it is not ready yet is no news
	return mysql.NewConnector(cfg)
}

// waitReady waits until the server takes connections, or has ended instead.
func waitReady(ctx context.Context, at socket, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, errors.New("it takes too long"))
	defer cancel()
	conn, err := at.connector()
	if err != nil {
		return err
	}
	db := sql.OpenDB(conn)
	defer func() { _ = db.Close() }()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (last: %w)", context.Cause(ctx), err)
		case <-ended:
			return errors.New("the server ended at once; it says")
		case <-time.After(3 * time.Millisecond):
		}
	}
}

// checkSettings keeps a setting's name from being read as another option.
func checkSettings(settings map[string]string) error {
	for name, value := range settings {
		if !regexp.MustCompile(`^[a-z][a-z0-9_.]*$`).MatchString(name) {
			return fmt.Errorf("%s is not the name of a server setting", strconv.Quote(name))
		}
		if regexp.MustCompile(`[\x00-\x1f]`).MatchString(value) {
			return fmt.Errorf("the setting %s holds a control character", name)
		}
	}
	return nil
}
