package postgres

import (
	"strconv"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// TestPublisher reads the same of a connection string on the server as of HCL, and never a secret. Who may not read it
// still sees the subscription.
func TestPublisher(t *testing.T) {
	tests := []struct {
		connection string
		want       publisher
	}{
		{"host=db1 port=5433 dbname=shop user=rep password=hunter2", "dbname=shop host=db1 port=5433 user=rep"},
		{"host = db1 password = host=hunter2 dbname=a", "dbname=a host=db1"},
		{"host=db1 password='hunter2 host=evil' dbname=a", ""},
		{`host=db1 password=hunter2\ host=x dbname=a`, ""},
		{"postgresql://rep:hunter2@db1:5433/shop?application_name=a", ""},
		{"service=hunter2", ""},
	}
	for _, version := range []int{14, 18} {
		db := dbtest.Postgres(t, version)
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		state := func() *object.State {
			t.Helper()
			c, err := Inspect(t.Context(), conn, Scope{})
			if err != nil {
				t.Fatal(err)
			}
			for _, chunk := range c.Tables["subscriptions"].Chunks {
				if strings.Contains(chunk, "hunter2") {
					t.Errorf("the rows hold a secret: %q", chunk)
				}
			}
			s, err := Build(c, Scope{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		exec := func(sql string) {
			t.Helper()
			if _, err := conn.ExecContext(t.Context(), sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		for i, x := range tests {
			exec("CREATE SUBSCRIPTION s" + strconv.Itoa(i) + " CONNECTION " + pq.QuoteLiteral(x.connection) +
				" PUBLICATION p WITH (connect = false, slot_name = NONE)")
		}
		s := state()
		for i, x := range tests {
			if got := publisherOf(x.connection); got != x.want {
				t.Errorf("%s: HCL tells %q, want %q", x.connection, got, x.want)
			}
			o, ok := kind.Get[Subscription](s, object.ID{Kind: "subscription", Name: "s" + strconv.Itoa(i)})
			if !ok || o.V.Publisher != x.want {
				t.Errorf("%s: PostgreSQL %d tells %+v, want %q", x.connection, version, o.V, x.want)
			}
		}
		role := pq.QuoteIdentifier(db.Name + "_reader")
		exec("CREATE ROLE " + role)
		exec("SET ROLE " + role)
		if o, ok := kind.Get[Subscription](state(), object.ID{Kind: "subscription", Name: "s0"}); !ok || o.V.Publisher != "" {
			t.Errorf("who may not read the connection sees %+v", o.V)
		}
		exec("RESET ROLE; DROP ROLE " + role)
	}
}
