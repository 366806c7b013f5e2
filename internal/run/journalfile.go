package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/plan"
)

// fileJournal is a journal in a file, for users who may not make a table. Each change replaces the file as a whole, once
// it is on the disk.
type fileJournal string

func (f fileJournal) Read(context.Context) ([]dialect.Entry, error) {
	data, err := disk.Read(string(f))
	if errors.Is(err, fs.ErrNotExist) || f == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	var out []dialect.Entry
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("read the journal %s: %w", string(f), err)
	}
	return out, nil
}

func (f fileJournal) Begin(_ context.Context, steps []*plan.Step) error {
	if f == "" {
		return errors.New("there is no folder for a journal: the user has no home, and may make no table in the database")
	}
	entries := make([]dialect.Entry, len(steps))
	for n, st := range steps {
		entries[n] = dialect.Entry{N: n, Step: st, State: dialect.Planned, At: now()}
	}
	return f.write(entries)
}

func now() string { return time.Now().UTC().Format(time.DateTime) }

func (f fileJournal) Start(ctx context.Context, n int, witness string) error {
	return f.set(ctx, n, dialect.Started, witness)
}

func (f fileJournal) Done(ctx context.Context, n int) error { return f.set(ctx, n, dialect.Done, "") }

func (f fileJournal) set(ctx context.Context, n int, state, witness string) error {
	entries, err := f.Read(ctx)
	if err != nil {
		return err
	}
	if n >= len(entries) {
		return fmt.Errorf("the journal %s has no statement %d", string(f), n)
	}
	entries[n].State, entries[n].Witness, entries[n].At = state, witness, now()
	return f.write(entries)
}

func (f fileJournal) write(entries []dialect.Entry) (err error) {
	data, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := disk.Write(string(f), data, 0o600); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func (f fileJournal) End(context.Context) error {
	if err := os.Remove(string(f)); err != nil && !errors.Is(err, fs.ErrNotExist) && f != "" {
		return fmt.Errorf("remove the journal: %w", err)
	}
	return nil
}
