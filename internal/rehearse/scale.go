package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

const (
	calibrated = 32 << 20 // bytes that a calibration works on at most
	tooSmall   = 1 << 20  // bytes on which nothing can be measured
)

// calibrate measures how fast the server of the copy works, on the rows of its largest table.
func (r *rehearsal) calibrate(ctx context.Context) error {
	c, ok := r.stage.Session.(dialect.Calibrator)
	sizer, sized := r.stage.Session.(dialect.Sizer)
	if !ok || !sized || len(r.tables) == 0 {
		return nil
	}
	largest := slices.MaxFunc(r.tables, func(a, b safety.Name) int { return int(r.here[a].Bytes - r.here[b].Bytes) })
	size := r.here[largest]
	if size.Bytes < tooSmall {
		r.Unmeasured = fmt.Sprintf("the largest table, %s, has %s", largest, volume(size.Bytes))
		return nil
	}
	rows := int64(float64(max(size.Rows, 1)) * min(1, calibrated/float64(size.Bytes)))
	rates, bytes, err := c.Calibrate(ctx, r.stage.local(largest), max(rows, 1))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil {
		r.Machine = &Machine{Rates: rates, Table: largest.String(), Bytes: bytes, Usual: sizer.Rates()}
	} else {
		r.Unmeasured = err.Error()
	}
	return nil
}

// estimate tells how long the work may take on the live tables: the time measured, by how much larger they are, and what
// their sizes take at the rates of this server, half to twice as long; at most, what they take at those of a small server
// that is busy.
func (r *rehearsal) estimate() {
	if r.live == nil {
		return
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Facts == nil || !s.Facts.Heavy() || len(s.Facts.Locks) == 0 {
			continue
		}
		table := s.Facts.Locks[0].Table
		here, there := r.here[table], r.live[table]
		if here.Bytes == 0 || there.Bytes == 0 {
			continue
		}
		by := float64(there.Bytes+there.Index) / float64(here.Bytes+here.Index)
		low, high := s.Seconds*by/2, s.Seconds*by*2
		basis := []string{fmt.Sprintf("%s measured on %s of %s, of which there are %s live", duration(s.Seconds), volume(here.Bytes+here.Index), table, volume(there.Bytes+there.Index))}
		size := func(n safety.Name) (safety.Size, bool) { x, known := r.live[n]; return x, known }
		if m := r.Machine; m != nil {
			if quick, known := s.Facts.Seconds(size, m.Rates); known {
				low, high = min(low, quick/2), max(high, quick*2)
				basis = append(basis, fmt.Sprintf("%s at this server's rates", duration(quick)))
			}
			if slow, known := s.Facts.Seconds(size, m.Usual); known {
				high = max(high, slow)
				basis = append(basis, fmt.Sprintf("%s at those of a small, busy one", duration(slow)))
			}
		}
		s.Live = &Range{Low: low, High: high, Basis: strings.Join(basis, "; ") + "; half to twice as long"}
	}
}

func volume(bytes int64) string {
	if bytes < 10<<20 {
		return fmt.Sprintf("%d kB", (bytes+1<<9)>>10)
	}
	return fmt.Sprintf("%d MB", (bytes+1<<19)>>20)
}

func duration(s float64) string { return fmt.Sprintf("%.3f s", s) }
