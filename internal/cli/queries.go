package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/queries"
	"github.com/schemactl/schemactl/internal/render"
)

// queryFlags say which queries are to be protected.
type queryFlags struct{ names []string }

func (q *queryFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&q.names, "queries", nil, "tell which of these `queries` break or lose their index: a file or folder of SQL, or the server's record pg_stat_statements or performance_schema; again for more")
	_ = cmd.RegisterFlagCompletionFunc("queries", func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		var out []string
		for _, record := range []string{"pg_stat_statements", "performance_schema"} {
			if strings.HasPrefix(record, begun) {
				out = append(out, record)
			}
		}
		return out, cobra.ShellCompDirectiveDefault // files besides
	})
}

// askQueries explains the queries on a copy and writes down what becomes of them.
func (t *target) askQueries(ctx context.Context, q queryFlags, job *engine.Job, p *plan.Plan, desired *object.State) error {
	p.Queries = nil // of a saved plan: another one's
	if len(q.names) == 0 || p.Empty() {
		return nil
	}
	list, err := queries.Read(ctx, job, q.names)
	if err != nil {
		return err
	}
	if p.Queries, err = queries.Run(ctx, job, p, desired, list); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the queries cannot be explained: %w", err)
	}
	return err
}

func (t *target) showQueries(w io.Writer, p *plan.Plan) error {
	if p.Queries == nil {
		return nil
	}
	return render.Queries(w, p.Queries, t.app.io.Colour && w == t.app.io.Out)
}

// checkQueries fails when the plan breaks a query, or takes its index away.
func (o *planOptions) checkQueries(p *plan.Plan) error {
	if p.Queries.Failed() == 0 {
		return nil
	}
	if o.out != "" {
		o.app.io.Notify("%s is not written: a query breaks or loses its index.", o.out)
	}
	return errSilent
}
