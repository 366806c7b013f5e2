package dburl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	commandTimeout  = 30 * time.Second
	commandLifetime = 5 * time.Minute // shorter than the tokens of cloud databases live
)

// DSN is the string that the driver takes: lib/pq's key=value form or go-sql-driver's. It holds the password.
func (u URL) DSN(ctx context.Context) (string, error) {
	c := u.clone()
	if u.Dialect == MySQL {
		return c.mysqlDSN(ctx)
	}
	return c.postgresDSN(ctx)
}

// Resolved fills host, port, user and database as the dialect's own client does when they are missing.
func (u URL) Resolved() (*URL, error) {
	c := u.clone()
	if u.Dialect == MySQL {
		return c, c.resolveMySQL()
	}
	c.resolvePostgres()
	return c, nil
}

// Password is the password to connect with, "" for none: from the URL, else PGPASSWORD or MYSQL_PWD,
// else ~/.pgpass or ~/.my.cnf, else the password command.
func (u URL) Password(ctx context.Context) (string, error) {
	if u.hasPassword {
		return u.password, nil
	}
	r, err := u.Resolved()
	if err != nil {
		return "", err
	}
	variable, file := "PGPASSWORD", r.pgpassPassword
	if u.Dialect == MySQL {
		variable, file = "MYSQL_PWD", r.mycnfPassword
	}
	if v := u.env.getenv(variable); v != "" {
		return v, nil
	}
	if v, err := file(); v != "" || err != nil {
		return v, err
	}
	if len(u.command) == 0 {
		return "", nil
	}
	return r.commandPassword(ctx)
}

// commandCache keeps the output of a password command, so that one run of schemactl asks once.
type commandCache struct {
	mu       sync.Mutex
	password string
	at       time.Time
}

// commandPassword runs the password command. Its errors tell nothing of its output.
func (u *URL) commandPassword(ctx context.Context) (string, error) {
	u.cache.mu.Lock()
	defer u.cache.mu.Unlock()
	if u.cache.password != "" && time.Since(u.cache.at) < commandLifetime {
		return u.cache.password, nil
	}
	name := filepath.Base(u.command[0])
	if u.env.Run == nil {
		return "", fault("the password command %s cannot be run here", name).WithHint("set the password another way")
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	out, err := u.env.Run(ctx, u.command)
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fault("the password command %s gave no answer within %s", name, commandTimeout).
			WithHint("run it by hand; it must print the password without asking anything")
	case ctx.Err() != nil:
		return "", fmt.Errorf("wait for the password command: %w", ctx.Err())
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", fault("the password command %s was not found", name).WithHint("install it, or give its full path")
	case errors.As(err, &exit):
		return "", fault("the password command %s failed with exit status %d", name, exit.ExitCode()).
			WithHint("run it by hand to see why; its output is not shown here")
	case err != nil:
		return "", fault("the password command %s could not be run", name).WithHint("run it by hand to see why")
	}
	password := strings.TrimSpace(string(out))
	if password == "" || strings.ContainsAny(password, "\x00\n") {
		return "", fault("the password command %s did not print one line", name).
			WithHint("it must print the password and nothing else")
	}
	u.cache.password, u.cache.at = password, time.Now()
	return password, nil
}
