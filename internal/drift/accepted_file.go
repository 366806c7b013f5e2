package drift

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/hcl"
)

// AcceptedFile is the file of acceptances that is read when none is named, if there is one.
const AcceptedFile = "accepted.drift.hcl"

// ReadAccepted reads the acceptances of a file: accept "kind name" { until = "2027-01-31", reason = "…" } blocks. A file that is
// missing is an error only where it was named.
func ReadAccepted(path string, named bool, now time.Time) (Accepted, error) {
	out := Accepted{Now: now}
	text, err := disk.Read(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return out, nil
	}
	if err != nil {
		return out, diag.Errorf(diag.Pos{File: path}, "no-file", "%v", errors.Unwrap(err))
	}
	out.List, err = acceptances(text, path)
	return out, err
}

func acceptances(text []byte, path string) ([]Acceptance, error) {
	var out []Acceptance
	body, faults := hcl.Parse(text, path, hclv2.InitialPos)
	if faults.HasErrors() {
		return out, diag.Errorf(posOf(*faults[0].Subject), "syntax", "%s: %s", faults[0].Summary, faults[0].Detail)
	}
	for _, a := range body.Attributes {
		return out, diag.Errorf(posOf(a.SrcRange), "unknown-attribute", "a file of acceptances has no attribute %q", a.Name).WithHint(`it holds accept "kind name" { … } blocks`)
	}
	for _, b := range body.Blocks {
		a, err := acceptanceOf(b)
		if err != nil {
			return out, err
		}
		out = append(out, a)
	}
	return out, nil
}

func acceptanceOf(b *hclsyntax.Block) (Acceptance, error) {
	if b.Type != "accept" || len(b.Labels) != 1 || len(b.Body.Blocks) > 0 {
		return Acceptance{}, diag.Errorf(posOf(b.TypeRange), "unknown-block", "a file of acceptances has no such block").
			WithHint(`write accept "index public.users.quick" { until = "2027-01-31" }`)
	}
	a := Acceptance{Object: b.Labels[0], Pos: posOf(b.TypeRange)}
	for name, attr := range b.Body.Attributes {
		v, faults := attr.Expr.Value(nil)
		if faults.HasErrors() || v.IsNull() || v.Type() != cty.String || !slices.Contains([]string{"until", "reason"}, name) {
			return a, diag.Errorf(posOf(attr.SrcRange), "unknown-attribute", "accept takes until and reason, each a string, not %s as it is here", name)
		}
		if name == "reason" {
			a.Reason = v.AsString()
			continue
		}
		until, err := ParseDay(v.AsString())
		if err != nil {
			return a, diag.Errorf(posOf(attr.SrcRange), "bad-date", "%v", err).WithHint(`write until = "2027-01-31"`)
		}
		a.Until = until
	}
	return a, nil
}

// ParseDay reads the last day of an acceptance, which holds until that day is over, in UTC.
func ParseDay(s string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return day, diag.Errorf(diag.Pos{}, "bad-date", "%q is no date of the form 2027-01-31", s)
	}
	return day, nil
}

func posOf(r hclv2.Range) diag.Pos {
	return diag.Pos{File: r.Filename, Line: r.Start.Line, Column: r.Start.Column}
}

// WriteAccepted puts acceptances into a file, in the place of those of the same objects.
func WriteAccepted(path string, list []Acceptance) error {
	text, err := disk.Read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	have, err := ReadAccepted(path, false, time.Time{})
	if err != nil {
		return err
	}
	to := have.List
	for _, a := range list {
		if i := slices.IndexFunc(to, func(b Acceptance) bool { return a.Object == b.Object }); i >= 0 {
			to = slices.Clone(to)
			to[i] = a
		} else {
			to = append(to, a)
		}
	}
	if len(text) == 0 {
		return disk.Write(path, hcl.Write(acceptBlocks(to)), 0o600)
	}
	p, err := hcl.Patch([]hcl.File{{Name: path, Text: text}}, acceptBlocks(have.List), acceptBlocks(to))
	if err != nil {
		return err
	}
	for _, f := range p.Files {
		if err := disk.Write(path, f.Text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func acceptBlocks(list []Acceptance) []*hcl.Block {
	var out []*hcl.Block
	for _, a := range list {
		b := &hcl.Block{Type: "accept", Labels: []string{a.Object}}
		if !a.Until.IsZero() {
			b.Set("until", hcl.Value{Kind: hcl.String, Text: a.Until.Format(time.DateOnly)})
		}
		if a.Reason != "" {
			b.Set("reason", hcl.Value{Kind: hcl.String, Text: a.Reason})
		}
		out = append(out, b)
	}
	return out
}
