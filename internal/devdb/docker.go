package devdb

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/localserver"
)

const (
	// containerLabel marks our containers; its value is HOST:PID of the process that uses one.
	containerLabel = "schemactl.dev"
	// containerTimeout covers the first start of a database image, after the image is there.
	containerTimeout = 2 * time.Minute
)

// engine is a container client on this machine.
type engine struct{ program string }

// container is what to run.
type container struct {
	flavor   localserver.Flavor
	image    string
	password string
	owner    string // HOST:PID
}

// openContainer runs the image of a docker:// choice and readies a database in it.
func openContainer(ctx context.Context, req Request, c choice) (*Database, error) {
	e, err := findEngine(ctx)
	if err != nil {
		return nil, fault("%s: %v", req.Choice, err).
			WithHint("start Docker or Podman, or use embedded://%s, which needs neither", strings.Replace(c.release.ID(), "-", "/", 1))
	}
	e.sweep(ctx)
	random := make([]byte, 12)
	_, _ = rand.Read(random) // never fails
	spec := container{flavor: c.release.Flavor, image: c.image, password: hex.EncodeToString(random), owner: owner()}
	req.Notify("dev database: container of " + c.image)
	id, err := e.run(ctx, spec.env(), spec.runArgs()...)
	if err != nil {
		return nil, fmt.Errorf("run the image %s: %w", c.image, err)
	}
	remove := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
		defer cancel()
		_, err := e.run(ctx, nil, "rm", "--force", "--volumes", id)
		return err
	}
	u, err := e.waitContainer(ctx, req, spec, c, id)
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	return newDatabase(Database{URL: u, Origin: Docker, Exclusive: true}, remove), nil
}

// waitContainer waits until the container's server takes connections, and readies its database.
func (e engine) waitContainer(ctx context.Context, req Request, spec container, c choice, id string) (*dburl.URL, error) {
	out, err := e.run(ctx, nil, "port", id, spec.port()+"/tcp")
	if err != nil {
		return nil, err
	}
	port, err := publishedPort(out)
	if err != nil {
		return nil, err
	}
	server, err := dburl.Parse(spec.url(port))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, containerTimeout)
	defer cancel()
	for {
		db, err := connect(ctx, server)
		if err == nil {
			_ = db.Close()
			return readyDatabase(ctx, req, spec.flavor, spec.url(port), c)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the container of %s takes no connections: %w", c.image, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// findEngine returns the first container client that has an engine to talk to.
func findEngine(ctx context.Context) (engine, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := errors.New("neither docker nor podman is installed")
	for _, name := range []string{"docker", "podman"} {
		program, lookErr := exec.LookPath(name)
		if lookErr != nil {
			continue
		}
		e := engine{program}
		if _, err = e.run(ctx, nil, "info", "--format", "{{.ID}}"); err == nil || name == "podman" && e.answers(ctx) {
			return e, nil
		}
		err = fmt.Errorf("no container engine answers: %w", err)
	}
	return engine{}, err
}

// answers asks podman, whose info has other fields.
func (e engine) answers(ctx context.Context) bool {
	_, err := e.run(ctx, nil, "info")
	return err == nil
}

// run runs the client and returns what it prints.
func (e engine) run(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, e.program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return "", errors.New(firstLine(text))
		}
		return "", fmt.Errorf("%s %s: %w", e.program, args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// sweep removes the containers of processes that are gone.
func (e engine) sweep(ctx context.Context) {
	out, err := e.run(ctx, nil, "ps", "--all", "--filter", "label="+containerLabel,
		"--format", `{{.ID}} {{.Label "`+containerLabel+`"}}`)
	if err != nil {
		return // nothing depends on it
	}
	for line := range strings.Lines(out) {
		id, owner, _ := strings.Cut(strings.TrimSpace(line), " ")
		if id != "" && ownerGone(owner) {
			_, _ = e.run(ctx, nil, "rm", "--force", "--volumes", id)
		}
	}
}

func owner() string {
	host, _ := os.Hostname() // without one, all our containers are of the same host
	return host + ":" + strconv.Itoa(os.Getpid())
}

// ownerGone reports whether a container's owner is a process of this machine that has ended.
func ownerGone(owner string) bool {
	i := strings.LastIndexByte(owner, ':')
	if i < 0 {
		return false
	}
	host, _ := os.Hostname()
	pid, err := strconv.Atoi(owner[i+1:])
	return err == nil && owner[:i] == host && !localserver.Alive(pid)
}

// runArgs start the container. Its password is not among them: the client takes it from its environment.
func (c container) runArgs() []string {
	args := []string{
		"run", "--detach", "--rm", "--label", containerLabel + "=" + c.owner,
		"--publish", "127.0.0.1::" + c.port(), "--env", c.passwordVariable(), c.image,
	}
	if c.flavor == localserver.Postgres {
		return append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
			"-c", "max_locks_per_transaction=1024")
	}
	return append(args, "--skip-log-bin", "--event-scheduler=OFF", "--innodb-flush-log-at-trx-commit=0")
}

func (c container) env() []string { return []string{c.passwordVariable() + "=" + c.password} }

func (c container) passwordVariable() string {
	switch c.flavor {
	case localserver.Postgres:
		return "POSTGRES_PASSWORD"
	case localserver.MariaDB:
		return "MARIADB_ROOT_PASSWORD"
	}
	return "MYSQL_ROOT_PASSWORD"
}

func (c container) port() string {
	if c.flavor == localserver.Postgres {
		return "5432"
	}
	return "3306"
}

func (c container) url(port string) string {
	u := url.URL{Scheme: string(c.flavor), Host: net.JoinHostPort("127.0.0.1", port)}
	if c.flavor == localserver.Postgres {
		u.User, u.Path, u.RawQuery = url.UserPassword("postgres", c.password), "/postgres", "sslmode=disable"
		return u.String()
	}
	u.User, u.Path = url.UserPassword("root", c.password), "/"
	return u.String()
}

// publishedPort reads "127.0.0.1:32768", of which there may be several lines.
func publishedPort(out string) (string, error) {
	_, port, err := net.SplitHostPort(strings.TrimSpace(firstLine(out)))
	if err != nil {
		return "", fmt.Errorf("the container client does not tell the port: %q", out)
	}
	return port, nil
}
