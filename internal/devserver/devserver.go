// Package devserver keeps local development servers: one for each release, started and stopped by
// `schemactl dev`, on a port of this machine, with its data in the user's cache folder.
package devserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/schemactl/schemactl/internal/localserver"
)

// ErrNone says that there is no such development server.
var ErrNone = errors.New("there is no such development server")

// State is a development server as its state file tells, and whether it runs.
type State struct {
	Release  localserver.Release `json:"release"`
	Program  string              `json:"program"` // the server's path
	Port     int                 `json:"port"`
	PID      int                 `json:"pid"`
	Password string              `json:"password"`
	Settings map[string]string   `json:"settings,omitempty"`

	Running bool   `json:"-"`
	Dir     string `json:"-"` // holds its data and log

	cacheDir string
}

const stateFile = "state.json"

// URL is the address of the server, with its password.
func (s State) URL() string {
	u := url.URL{Scheme: string(s.Release.Flavor), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), Path: "/"}
	if s.Release.Flavor == localserver.Postgres {
		u.User, u.Path, u.RawQuery = url.UserPassword("postgres", s.Password), "/postgres", "sslmode=disable"
		return u.String()
	}
	u.User = url.UserPassword("root", s.Password)
	return u.String()
}

// Start starts the development server of a release (the newest installed when its Major is 0), or returns it
// when it runs already. Settings matter at its first start; later ones must be the same.
func Start(ctx context.Context, cacheDir string, want localserver.Release, settings map[string]string) (State, error) {
	in, err := localserver.Find(ctx, want)
	if err != nil {
		return State{}, err
	}
	root, err := localserver.MakePersistentRoot(cacheDir)
	if err != nil {
		return State{}, err
	}
	unlock, err := localserver.Lock(filepath.Join(root, "lock"))
	if err != nil {
		return State{}, err
	}
	defer unlock()
	dir := filepath.Join(root, in.Release.ID())
	s, err := read(dir, cacheDir)
	switch {
	case errors.Is(err, ErrNone):
		s = State{Password: rand.Text(), Settings: settings, Dir: dir, cacheDir: cacheDir}
	case err != nil:
		return State{}, err
	case settings != nil && !maps.Equal(settings, s.Settings):
		return State{}, fmt.Errorf("the development server of %s has other settings: remove it first (dev clean)", in.Release)
	case s.Running:
		return s, nil
	}
	s.Release, s.Program, s.PID = in.Release, in.Server, 0
	if s.Port, err = freePort(s.Port); err != nil {
		return State{}, err
	}
	if s.PID, err = s.server().Start(ctx); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return State{}, err
	}
	if err := s.write(); err != nil {
		return State{}, errors.Join(err, s.server().Stop(context.WithoutCancel(ctx), s.PID))
	}
	s.Running = true
	return s, nil
}

// List returns all development servers, running or not, in order of release.
func List(cacheDir string) ([]State, error) {
	root, err := localserver.PersistentRoot(cacheDir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []State
	for _, e := range entries {
		s, err := read(filepath.Join(root, e.Name()), cacheDir)
		if errors.Is(err, ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b State) int {
		return cmp.Or(cmp.Compare(a.Release.Flavor, b.Release.Flavor), a.Release.Major-b.Release.Major, a.Release.Minor-b.Release.Minor)
	})
	return list, nil
}

// Find returns the running server of exactly a release, or ErrNone.
func Find(cacheDir string, want localserver.Release) (State, error) {
	list, err := List(cacheDir)
	if err != nil {
		return State{}, err
	}
	for _, s := range list {
		if s.Running && want.Matches(s.Release) {
			return s, nil
		}
	}
	return State{}, ErrNone
}

// Stop stops the server and keeps its data. A server that does not run is fine.
func (s State) Stop(ctx context.Context) error {
	return s.server().Stop(ctx, s.PID)
}

// Clean stops the server and removes its data.
func (s State) Clean(ctx context.Context) error {
	if err := s.Stop(ctx); err != nil {
		return err
	}
	if err := s.server().Remove(); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(s.Dir)) // unless others are in there
	return nil
}

func (s State) server() localserver.Persistent {
	return localserver.Persistent{
		Install:  localserver.Install{Release: s.Release, Bin: filepath.Dir(s.Program), Server: s.Program},
		Dir:      s.Dir,
		Port:     s.Port,
		Options:  localserver.Options{CacheDir: s.cacheDir, Settings: s.Settings},
		Password: s.Password,
	}
}

func read(dir, cacheDir string) (State, error) {
	text, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, ErrNone
	}
	if err != nil {
		// Some files beside the servers' folders are no folders.
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return State{}, ErrNone
		}
		return State{}, fmt.Errorf("read the state of a development server: %w", err)
	}
	s := State{Dir: dir, cacheDir: cacheDir}
	if err := json.Unmarshal(text, &s); err != nil {
		return State{}, fmt.Errorf("%s is damaged: %w; remove %s", filepath.Join(dir, stateFile), err, dir)
	}
	s.Running = s.server().Running(s.PID)
	return s, nil
}

// write replaces the state file, which holds the password, in one step.
func (s State) write() error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(s.Dir, stateFile)
	if err := os.WriteFile(path+".part", text, 0o600); err != nil {
		return fmt.Errorf("write the state of the development server: %w", err)
	}
	return os.Rename(path+".part", path)
}

// freePort returns the preferred port if it is free, else one that is: whoever connected yesterday finds the
// server again today.
func freePort(preferred int) (int, error) {
	for _, port := range []int{preferred, 0} {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		chosen := l.Addr().(*net.TCPAddr).Port
		return chosen, l.Close()
	}
	return 0, errors.New("no port of 127.0.0.1 is free")
}
