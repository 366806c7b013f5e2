package engine

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// changedSince accepts the changes of objects whose declaration differs between a git revision and the desired state.
func (j *Job) changedSince(ctx context.Context, desired *object.State) (func(kind.Change) bool, error) {
	dir, err := os.MkdirTemp("", "schemactl-rev-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var sources []string
	for _, s := range j.request.To {
		path, ok := strings.CutPrefix(s, "file://")
		if !ok {
			return nil, diag.Errorf(diag.Pos{}, "not-in-git", "--only-changed-since needs files in a git repository, not %q", s)
		}
		there, err := CheckOut(ctx, "", j.request.ChangedSince, path, dir)
		if err != nil {
			return nil, err
		}
		sources = append(sources, "file://"+there)
	}
	before, err := j.load(ctx, sources, func() (*object.State, error) { return j.Current(ctx) })
	if err != nil {
		return nil, fmt.Errorf("the desired state at %s: %w", j.request.ChangedSince, err)
	}
	changes, err := j.Dialect.Kinds().Diff(before.State, desired)
	if err != nil {
		return nil, err
	}
	changed := map[object.ID]bool{}
	for _, c := range changes {
		changed[c.ID] = true
	}
	return func(c kind.Change) bool {
		o := c.To
		if o == nil {
			o = c.From
		}
		return changed[c.ID] || changed[o.Parent]
	}, nil
}

// CheckOut writes a path of a git revision below a folder, and returns where it stands there. repo is a folder of the
// repository, whose paths git names; empty: the folder of the run.
func CheckOut(ctx context.Context, repo, revision, path, dir string) (string, error) {
	if repo != "" || filepath.IsAbs(path) {
		var err error
		if path, err = within(cmp.Or(repo, "."), path); err != nil {
			return "", err
		}
	}
	if strings.HasPrefix(revision, "-") {
		return "", diag.Errorf(diag.Pos{}, "git", "%q is not a git revision", revision).WithHint("name a revision that this repository has, such as origin/main")
	}
	cmd := exec.CommandContext(ctx, "git", "--literal-pathspecs", "archive", "--format=tar", "--end-of-options", revision, path)
	cmd.Dir = repo
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return "", diag.Errorf(diag.Pos{File: path}, "git", "git has no %s at %s: %s", path, revision, strings.TrimSpace(errOut.String())).
			WithHint("name a revision that this repository has, such as origin/main")
	}
	return filepath.Join(dir, path), unpack(&out, dir)
}

// within is a path as seen from a folder that holds it.
func within(folder, path string) (string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	out, err := filepath.Rel(from, to)
	if err != nil || !filepath.IsLocal(out) {
		return "", diag.Errorf(diag.Pos{File: path}, "not-in-git", "the path is not within %s", folder).WithHint("name the folder of the repository that holds it")
	}
	return out, nil
}

// unpack writes the files of a tar archive below a folder.
func unpack(in io.Reader, dir string) error {
	r := tar.NewReader(in)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read git archive: %w", err)
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
			continue
		}
		name := filepath.Join(dir, h.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return fmt.Errorf("read git archive: %w", err)
		}
		if err := disk.Write(name, text, 0o600); err != nil {
			return err
		}
	}
}
