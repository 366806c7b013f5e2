package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// settle finds what HCL declares exactly as the live state has it, where the dialect can tell that without a server,
// and the rest. settled is nil when there is nothing of the kind.
func (l *Loader) settle(d declared) (live, settled *object.State, rest declared, err error) {
	n, ok := l.Dialect.(dialect.HCLNormaliser)
	if !ok || l.Live == nil || d.hcl == nil || len(d.sql) > 0 {
		return nil, nil, d, nil
	}
	if live, err = l.Live(); err != nil {
		return nil, nil, d, err
	}
	settled, rest.hcl, err = n.NormaliseHCL(d.hcl, live, l.Server)
	if err != nil || settled.Len() == 0 {
		return nil, nil, d, err
	}
	return live, settled, rest, nil
}

// normaliseRest lets a server read what is not settled, unless it read the same before. What it must read hangs on
// the live state, but what it makes of it does not.
func (l *Loader) normaliseRest(ctx context.Context, rest declared) (*Normalised, func() error, error) {
	if l.asked(rest.hcl).Len() == 0 {
		return &Normalised{Catalog: &catalog.Catalog{}}, func() error { return nil }, nil
	}
	statements, err := l.statements(rest)
	if err != nil {
		return nil, nil, err
	}
	key := ""
	if l.Cache != nil {
		parts := [][]byte{[]byte("statements")}
		for _, s := range statements {
			parts = append(parts, []byte(s.SQL))
		}
		if key, err = l.keyOf(parts); err != nil {
			return nil, nil, err
		}
		if n := l.Cache.get(key); n != nil {
			return n, func() error { return nil }, nil
		}
	}
	dev, done, err := l.Dev(ctx)
	if err != nil {
		return nil, nil, err
	}
	c, err := l.loadWith(ctx, dev, statements)
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	n := &Normalised{Catalog: c}
	l.Cache.put(key, n)
	return n, meanwhile(done), nil
}

// settle notes what was settled, so that an entry of the cache can tell whether it still is.
func (n *Normalised) settle(kinds *kind.Set, live, settled *object.State) (err error) {
	n.settled, n.pure = settled, true
	for _, o := range settled.All() {
		n.Settled = append(n.Settled, o.ID)
	}
	n.Fingerprint, err = fingerprint(kinds, live, settled)
	return err
}

// fingerprint tells the settled objects of a live state, and what else belongs to them there.
func fingerprint(kinds *kind.Set, live, settled *object.State) (string, error) {
	settledPart, err := kinds.Fingerprint(settled)
	h := sha256.New()
	for _, o := range live.All() {
		if settled.Has(o.Parent) && !settled.Has(o.ID) {
			_, _ = fmt.Fprintf(h, "%q\n", o.ID)
		}
	}
	return settledPart + hex.EncodeToString(h.Sum(nil)), err
}

// stillSettled reports whether the live state has what an entry of the cache relies on.
func (l *Loader) stillSettled(n *Normalised) bool {
	if len(n.Settled) == 0 {
		return true
	}
	if l.Live == nil {
		return false
	}
	live, err := l.Live()
	if err != nil {
		return false // the fault comes up again
	}
	n.settled = object.NewState()
	for _, id := range n.Settled {
		o := live.Get(id)
		if o == nil || n.settled.Add(o) != nil {
			return false
		}
	}
	found, err := fingerprint(l.Dialect.Kinds(), live, n.settled)
	return err == nil && found == n.Fingerprint
}

// build makes the state of what a server read, beside what it was not asked about. What it read of that is only what
// the rest refers to.
func (l *Loader) build(n *Normalised) (*object.State, error) {
	answer, err := l.Dialect.Build(n.Catalog, l.Scope)
	if err != nil || n.settled == nil {
		return answer, err
	}
	out := object.NewState()
	out.Ledger, out.Notes, out.Facts = answer.Ledger, answer.Notes, answer.Facts
	has := func(id object.ID) bool { return n.settled.Has(id) || answer.Has(id) }
	for _, o := range slices.Concat(n.settled.All(), answer.All()) {
		if out.Has(o.ID) {
			continue
		}
		c := *o // its place, and what it needs, may be others here
		c.Needs = nil
		for _, id := range o.Needs {
			if has(id) {
				c.Needs = append(c.Needs, id)
			}
		}
		if err := out.Add(&c); err != nil {
			return nil, err
		}
	}
	return out, nil
}
