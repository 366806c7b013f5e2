package online

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/plan"
)

// Runner runs tools on a database. Host, user and password go through a file that only the user can read.
type Runner struct {
	URL  *dburl.URL
	Tell func(line string) // hears of each command line
}

// Run makes the tool's dry run, and its run when that went well.
func (r Runner) Run(ctx context.Context, t *plan.Tool) (err error) {
	file, err := r.defaultsFile(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	for _, line := range t.Runs {
		if err := r.one(ctx, line, file); err != nil {
			return err
		}
	}
	return nil
}

func (r Runner) one(ctx context.Context, line []string, file string) error {
	r.Tell(plan.CommandLine(line))
	words := make([]string, len(line))
	for i, w := range line {
		words[i] = strings.ReplaceAll(w, secrets, file)
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)               //nolint:gosec // the program that the project file names
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // the tool cleans up after itself
	endWithParent(cmd)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return diag.Errorf(diag.Pos{}, "online", "%s is not installed", words[0]).WithHint("install it, or name it in program of the online block")
	}
	if err != nil {
		return diag.Errorf(diag.Pos{}, "online", "%s failed (%v):\n%s", words[0], err, strings.TrimRight(strings.ReplaceAll(out.String(), file, secrets), "\n"))
	}
	return nil
}

// defaultsFile writes how to connect, as MySQL's own clients read it.
func (r Runner) defaultsFile(ctx context.Context) (string, error) {
	u, err := r.URL.Resolved()
	if err != nil {
		return "", err
	}
	if tls := u.Param("tls"); tls != "" && tls != "false" && tls != "preferred" {
		return "", diag.Errorf(diag.Pos{}, "online", "the URL asks for TLS, which is not handed on to the tool").
			WithHint("run the command line of the plan by hand, with the tool's own options for TLS")
	}
	password, err := u.Password(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("[client]\n")
	set := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s=\"%s\"\n", name, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value))
		}
	}
	set("user", u.User)
	set("password", password)
	set("socket", u.Socket)
	if u.Socket == "" {
		host := u.Host
		if host == "localhost" { // which the tools' drivers take for a socket
			host = "127.0.0.1"
		}
		set("host", strings.Trim(host, "[]"))
		if _, err := net.LookupPort("tcp", u.Port); err == nil {
			fmt.Fprintf(&b, "port=%s\n", u.Port)
		}
	}
	f, err := os.CreateTemp("", "schemactl-*.cnf") // made with mode 0600
	if err != nil {
		return "", fmt.Errorf("write the tool's defaults file: %w", err)
	}
	_, err = f.WriteString(b.String())
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
