package dburl

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/disk"
)

// Env is what a URL may take from around it: the process's environment, files and programs.
// A nil function stands for a world that has nothing.
type Env struct {
	Getenv   func(name string) string
	ReadFile func(path string) ([]byte, error)
	ReadDir  func(path string) ([]fs.DirEntry, error)
	Stat     func(path string) (fs.FileInfo, error)
	// Run runs a program without a shell and returns its standard output.
	Run func(ctx context.Context, argv []string) ([]byte, error)
	// Warn is told about files that are passed over, such as a password file that others can read.
	Warn func(message string)
	Home string // the user's home directory
	User string // the user's name in the operating system
	GOOS string // the operating system, as in runtime.GOOS
}

// SystemEnv is the process's own environment.
func SystemEnv() Env {
	home, _ := os.UserHomeDir() // without a home there are no files in it
	return Env{
		Getenv: os.Getenv, ReadFile: disk.Read, ReadDir: os.ReadDir, Stat: os.Stat, Run: runCommand,
		Home: home, User: systemUser(), GOOS: runtime.GOOS,
	}
}

func systemUser() string {
	u, err := user.Current()
	if err != nil {
		return firstNonEmpty(os.Getenv("USER"), os.Getenv("USERNAME"))
	}
	name := u.Username
	return name[strings.LastIndexByte(name, '\\')+1:] // DOMAIN\name on Windows
}

// runCommand keeps standard error away from the user's terminal and logs: it may show the secret.
func runCommand(ctx context.Context, argv []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the user's own configured program
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return out.Bytes(), err
}

func (e Env) getenv(name string) string {
	if e.Getenv == nil {
		return ""
	}
	return e.Getenv(name)
}

func (e Env) exists(path string) bool {
	if e.Stat == nil {
		return false
	}
	_, err := e.Stat(path)
	return err == nil
}

func (e Env) readFile(path string) ([]byte, error) {
	if e.ReadFile == nil {
		return nil, fs.ErrNotExist
	}
	return e.ReadFile(path)
}

func (e Env) warn(message string) {
	if e.Warn != nil {
		e.Warn(message)
	}
}

// readPrivate reads a file unless its mode has one of the refused bits; a file that is not there is no error.
func (e Env) readPrivate(path string, refused fs.FileMode, complaint string) ([]byte, error) {
	if e.ReadFile == nil || path == "" {
		return nil, nil
	}
	if e.Stat != nil {
		info, err := e.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil
		case err == nil && !info.Mode().IsRegular():
			e.warn(path + " is passed over: it is not a plain file")
			return nil, nil
		case err == nil && e.GOOS != "windows" && info.Mode().Perm()&refused != 0:
			e.warn(path + " is passed over: " + complaint)
			return nil, nil
		}
	}
	data, err := e.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	return data, err
}
