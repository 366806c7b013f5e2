// Package render turns plans and reports into what people and programs read. It computes nothing.
package render

import (
	"fmt"
	"io"

	"github.com/schemactl/schemactl/internal/plan"
)

// SQL writes the statements of a plan, ready for a client.
func SQL(w io.Writer, p *plan.Plan) error {
	for _, s := range p.Steps() {
		if _, err := fmt.Fprintf(w, "-- %s\n%s;\n", s.Comment, s.SQL); err != nil {
			return err
		}
	}
	return nil
}
