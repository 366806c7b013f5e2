package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Subscription is what logical replication receives. Its connection string is a secret: of it, no more is read than where
// the publisher is, and that only by who may read it.
type Subscription struct {
	Publications     []string  `json:"publications"` // on the publisher, ordered
	Publisher        publisher `json:"publisher,omitempty"`
	Enabled          bool      `json:"enabled"`
	Slot             string    `json:"slot_name,omitempty"` // on the publisher; empty: none
	Binary           bool      `json:"binary,omitempty"`
	Streaming        string    `json:"streaming,omitempty"`          // off, on, parallel; empty: as the server has it
	SyncCommit       string    `json:"synchronous_commit,omitempty"` // off, on, …
	TwoPhase         bool      `json:"two_phase,omitempty"`          // since PostgreSQL 15
	DisableOnError   bool      `json:"disable_on_error,omitempty"`   // since PostgreSQL 15
	PasswordRequired bool      `json:"password_required"`            // since PostgreSQL 16
	RunAsOwner       bool      `json:"run_as_owner,omitempty"`       // since PostgreSQL 16
	Origin           string    `json:"origin,omitempty"`             // any, none; since PostgreSQL 16
	Failover         bool      `json:"failover,omitempty"`           // since PostgreSQL 17

	connection   string `diff:"-"` // as HCL gives it; never written anywhere but to the server
	unconnected  bool   `diff:"-"` // what follows holds for the creation only
	existingSlot bool   `diff:"-"`
	withoutCopy  bool   `diff:"-"`
}

// publisher is where a connection string leads, without secrets: "dbname=shop host=db1 user=rep". Empty: not known.
type publisher string

// Fingerprinted leaves the publisher out: whether it is known depends on who reads.
func (publisher) Fingerprinted() any { return publisher("") }

func subscriptionKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Subscription]{
			Name: "subscription", Weight: weightPublication, Moot: mootSubscription,
			Create: createSubscription, Alter: alterSubscription, Drop: dropSubscription,
		}),
		queries: []catalog.Query{{Name: "subscriptions", SQL: `
SELECT m.* FROM (SELECT NULL::"char" AS subtwophasestate, false AS subdisableonerr, true AS subpasswordrequired, false AS subrunasowner,
  false AS subfailover, 'any'::text AS suborigin) older
CROSS JOIN LATERAL (
  SELECT s.oid, s.subname AS name, s.subenabled AS enabled, s.subslotname AS slot, s.subbinary AS binary, s.substream::text AS streaming,
    s.subsynccommit AS synchronous_commit, coalesce(subtwophasestate::text <> 'd', false) AS two_phase, subdisableonerr AS disable_on_error,
    subpasswordrequired AS password_required, subrunasowner AS run_as_owner, suborigin AS origin, subfailover AS failover,
    (SELECT pg_catalog.string_agg(p.name, E'\x1f' ORDER BY p.name COLLATE "C") FROM pg_catalog.unnest(s.subpublications) p(name)) AS publications,
    ` + publisherQuery + ` AS publisher
  FROM pg_catalog.pg_subscription s
  JOIN pg_catalog.pg_database d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()) m
ORDER BY 2`}},
		build: buildSubscriptions,
		hcl:   subscriptionHCL(),
	}
}

// publisherQuery reads the parts of a connection string that tell where it leads, from strings without quotes only. Who
// may not read the column must not even name it, so that the query is one within the query.
const publisherQuery = `CASE WHEN pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT') THEN
      (SELECT pg_catalog."substring"(x.text, '<parts>(.*)</parts>') FROM (SELECT pg_catalog.query_to_xml(
        'SELECT CASE WHEN pg_catalog.bool_and(k.m[2] ~ ''^[A-Za-z0-9_.,:/@-]+$'') THEN pg_catalog.string_agg(k.m[1] || ''='' || k.m[2], '' '' ORDER BY k.m[1] COLLATE "C") END AS parts
         FROM pg_catalog.pg_subscription s CROSS JOIN LATERAL pg_catalog.regexp_matches(s.subconninfo, ''([a-z_]+)\s*=\s*(\S+)'', ''g'') k(m)
         WHERE s.oid = ' || s.oid || ' AND s.subconninfo ~ ''^\s*([a-z_]+\s*=\s*[^\s''''\\]+\s*)+$''
           AND k.m[1] IN (''dbname'', ''host'', ''hostaddr'', ''port'', ''user'')', false, true, '')::text AS text) x) END`

// The counterparts of publisherQuery for strings that HCL gives.
var (
	plainConnection = regexp.MustCompile(`^\s*([a-z_]+\s*=\s*[^\s'\\]+\s*)+$`)
	connectionPart  = regexp.MustCompile(`([a-z_]+)\s*=\s*(\S+)`)
	plainPart       = regexp.MustCompile(`^[A-Za-z0-9_.,:/@-]+$`)
)

func publisherOf(connection string) publisher {
	if !plainConnection.MatchString(connection) {
		return ""
	}
	var out []string
	for _, m := range connectionPart.FindAllStringSubmatch(connection, -1) {
		if !slices.Contains([]string{"dbname", "host", "hostaddr", "port", "user"}, m[1]) {
			continue
		}
		if !plainPart.MatchString(m[2]) {
			return ""
		}
		out = append(out, m[1]+"="+m[2])
	}
	slices.Sort(out)
	return publisher(strings.Join(out, " "))
}

func buildSubscriptions(b *builder) error {
	streaming := map[string]string{"false": "off", "f": "off", "true": "on", "t": "on", "p": "parallel"}
	return b.rows("subscriptions", func(r catalog.Row) error {
		id := object.ID{Kind: "subscription", Name: r.Str("name")}
		v := &Subscription{
			Publications: r.List("publications"), Publisher: publisher(r.Str("publisher")), Enabled: r.Bool("enabled"), Slot: r.Str("slot"),
			Binary: r.Bool("binary"), Streaming: streaming[r.Str("streaming")], SyncCommit: r.Str("synchronous_commit"),
			TwoPhase: r.Bool("two_phase"), DisableOnError: r.Bool("disable_on_error"), PasswordRequired: r.Bool("password_required"),
			RunAsOwner: r.Bool("run_as_owner"), Origin: r.Str("origin"), Failover: r.Bool("failover"),
		}
		reason := ownRule + "it holds a secret: of it only dbname, host, port and user are compared; change the rest with ALTER SUBSCRIPTION … CONNECTION"
		if v.Publisher == "" {
			reason = ownRule + "it cannot be read, and is never compared; change it with ALTER SUBSCRIPTION … CONNECTION"
		}
		b.ignored("subscription connection", id.Name, reason)
		return b.add(ref{classSub, r.Str("oid"), "0"}, &object.Object{ID: id, Claims: []string{id.String()}, Value: v})
	})
}

// mootSubscription takes no notice of what is not known or not said.
func mootSubscription(_ *kind.Context, from, to kind.Of[Subscription], attr string) bool {
	switch attr {
	case "publisher":
		return from.V.Publisher == "" || to.V.Publisher == ""
	case "streaming":
		return to.V.Streaming == ""
	}
	return false
}

// settings spells the parameters that differ from another version's. Those that only newer servers know stand there only
// if they differ from what older ones do.
func (v *Subscription) settings(other *Subscription) []string {
	var out []string
	set := func(differ bool, name, value string) {
		if differ {
			out = append(out, name+" = "+value)
		}
	}
	flag := func(name string, on, was bool) { set(on != was, name, toggle(on, "true", "false")) }
	flag("binary", v.Binary, other.Binary)
	set(v.Streaming != "" && v.Streaming != other.Streaming, "streaming", v.Streaming)
	set(v.SyncCommit != other.SyncCommit, "synchronous_commit", literal(v.SyncCommit))
	flag("disable_on_error", v.DisableOnError, other.DisableOnError)
	flag("password_required", v.PasswordRequired, other.PasswordRequired)
	flag("run_as_owner", v.RunAsOwner, other.RunAsOwner)
	set(v.Origin != other.Origin, "origin", v.Origin)
	return out
}

func slotSetting(name string) string {
	return "slot_name = " + toggle(name == "", "NONE", literal(name))
}

func usualSubscription() *Subscription {
	return &Subscription{SyncCommit: "off", Origin: "any", PasswordRequired: true}
}

// checkVersion refuses what the server of the plan does not know: no dev database has tried it.
func (v *Subscription) checkVersion(c *kind.Context, o *object.Object) error {
	usual, major := usualSubscription(), c.Policy.Server.Version[0]
	for _, f := range []struct {
		name  string
		used  bool
		since int
	}{
		{"two_phase", v.TwoPhase, 15}, {"disable_on_error", v.DisableOnError, 15}, {"streaming = PARALLEL", v.Streaming == "parallel", 16},
		{"password_required", v.PasswordRequired != usual.PasswordRequired, 16}, {"run_as_owner", v.RunAsOwner, 16},
		{"origin", v.Origin != usual.Origin, 16}, {"failover", v.Failover, 17},
	} {
		if f.used && major != 0 && major < f.since {
			return diag.Errorf(o.Pos, "unsupported-version", "the %s has %s, which PostgreSQL %d does not know", o.ID, f.name, major).
				WithHint("it needs PostgreSQL %d: leave it out", f.since)
		}
	}
	return nil
}

// createSubscription makes the slot on the publisher too, which no transaction can hold, unless it is told otherwise.
func createSubscription(c *kind.Context, s kind.Of[Subscription]) ([]plan.Step, error) {
	if err := s.V.checkVersion(c, s.Object); err != nil {
		return nil, err
	}
	if s.V.connection == "" && c.Policy.Describes {
		return s.V.described(s.ID), nil
	}
	if s.V.connection == "" {
		return nil, diag.Errorf(s.Pos, "no-connection", "the %s is to be made, and nothing says how to connect to the publisher", s.ID).
			WithHint("declare it in HCL with connection = var.connection, or leave subscriptions alone: manage { subscriptions = false }")
	}
	with := s.V.creation(s.ID.Name)
	spell := func(connection string) string {
		return "CREATE SUBSCRIPTION " + ident(s.ID.Name) + " CONNECTION " + connection + " PUBLICATION " + idents(s.V.Publications) +
			toggle(len(with) == 0, "", " WITH ("+strings.Join(with, ", ")+")")
	}
	step := plan.Step{
		SQL: spell(hiddenPassword), Comment: "create " + s.ID.String(), Reverse: []string{"DROP SUBSCRIPTION " + ident(s.ID.Name)},
		NoTx: !s.V.unconnected && !s.V.existingSlot && s.V.Slot != "",
	}
	step.Hide(spell(literal(s.V.connection)))
	if s.V.unconnected && s.V.Enabled {
		return []plan.Step{step, enableSubscription(s.ID, true)}, nil
	}
	return []plan.Step{step}, nil
}

// described is the statement as pg_dump would have it, without the password: it connects to nothing.
func (v *Subscription) described(id object.ID) []plan.Step {
	still := *v
	still.unconnected, still.Enabled = true, false
	return []plan.Step{{
		SQL: "CREATE SUBSCRIPTION " + ident(id.Name) + " CONNECTION " + literal(string(v.Publisher)) + " PUBLICATION " + idents(v.Publications) +
			" WITH (" + strings.Join(still.creation(id.Name), ", ") + ")",
		Comment: "create " + id.String() + ", without its password, to be enabled",
		Reverse: []string{"DROP SUBSCRIPTION " + ident(id.Name)},
	}}
}

// creation spells the parameters of CREATE SUBSCRIPTION. Without a connection nothing can be enabled at once.
func (v *Subscription) creation(name string) []string {
	var with []string
	switch {
	case v.unconnected:
		with = append(with, "connect = false")
	case v.existingSlot || v.Slot == "":
		with = append(with, "create_slot = false")
	}
	if !v.unconnected && !v.Enabled {
		with = append(with, "enabled = false")
	}
	if !v.unconnected && v.withoutCopy {
		with = append(with, "copy_data = false")
	}
	if v.Slot != name {
		with = append(with, slotSetting(v.Slot))
	}
	with = append(with, v.settings(usualSubscription())...)
	if v.TwoPhase {
		with = append(with, "two_phase = true")
	}
	if v.Failover {
		with = append(with, "failover = true")
	}
	return with
}

func enableSubscription(id object.ID, on bool) plan.Step {
	head := "ALTER SUBSCRIPTION " + ident(id.Name)
	return plan.Step{
		SQL: head + toggle(on, " ENABLE", " DISABLE"), Reverse: []string{head + toggle(on, " DISABLE", " ENABLE")},
		Comment: toggle(on, "enable ", "disable ") + id.String(),
	}
}

// alterSubscription disables first and enables last: some parameters can be set only while nothing is received.
func alterSubscription(c *kind.Context, from, to kind.Of[Subscription], a *kind.Attrs) (plan.Edit, error) {
	if err := to.V.checkVersion(c, to.Object); err != nil {
		return plan.Edit{}, err
	}
	if a.Has("two_phase") && c.Policy.Server.Version[0] < 18 {
		return plan.Edit{}, diag.Errorf(to.Pos, "unsupported-change", "PostgreSQL %d cannot change two_phase of the %s", c.Policy.Server.Version[0], to.ID).
			WithHint("leave it as it is, or drop the subscription by hand and let schemactl make it again")
	}
	id := to.ID
	paused := a.Take("two_phase", "failover")
	if paused && from.V.Slot == "" && to.V.Slot == "" {
		return plan.Edit{}, diag.Errorf(to.Pos, "unsupported-change", "two_phase and failover of the %s cannot change while it has no slot on the publisher", id).
			WithHint("leave them as they are, or give it a slot_name")
	}
	var steps []plan.Step
	if from.V.Enabled && (!to.V.Enabled || paused) {
		steps = append(steps, enableSubscription(id, false))
	}
	if a.Take("publisher") {
		steps = append(steps, reconnect(to))
	}
	if parts := to.V.settings(from.V); len(parts) > 0 {
		steps = append(steps, setSubscription(id, parts, from.V.settings(to.V), plan.Step{Comment: "modify " + id.String()}))
	}
	steps = append(steps, alterSlot(from, to)...)
	a.Take("slot_name")
	if to.V.Enabled && (!from.V.Enabled || paused) {
		steps = append(steps, enableSubscription(id, true))
	}
	if a.Take("publications") {
		steps = append(steps, republish(from, to))
	}
	a.Take("enabled", "binary", "streaming", "synchronous_commit", "disable_on_error", "password_required", "run_as_owner", "origin")
	return plan.InPlace(steps...), nil
}

func setSubscription(id object.ID, parts, reverse []string, step plan.Step) plan.Step {
	head := "ALTER SUBSCRIPTION " + ident(id.Name) + " SET ("
	step.SQL, step.Reverse = head+strings.Join(parts, ", ")+")", []string{head + strings.Join(reverse, ", ") + ")"}
	return step
}

// alterSlot changes which slot there is and what belongs to it on the publisher, which the server does only while there is
// one, and in no transaction.
func alterSlot(from, to kind.Of[Subscription]) []plan.Step {
	var renamed, steps []plan.Step
	if from.V.Slot != to.V.Slot {
		comment := "modify " + to.ID.String()
		if from.V.Slot != "" {
			comment += "; the slot " + from.V.Slot + " stays on the publisher and keeps its WAL until it is dropped there"
		}
		renamed = []plan.Step{setSubscription(to.ID, []string{slotSetting(to.V.Slot)}, []string{slotSetting(from.V.Slot)}, plan.Step{Comment: comment})}
	}
	for _, f := range []struct {
		name    string
		on, was bool
	}{{"two_phase", to.V.TwoPhase, from.V.TwoPhase}, {"failover", to.V.Failover, from.V.Failover}} {
		if f.on != f.was {
			steps = append(steps, setSubscription(to.ID, []string{f.name + toggle(f.on, " = true", " = false")}, []string{f.name + toggle(f.was, " = true", " = false")},
				plan.Step{Comment: "modify " + to.ID.String() + " and its slot on the publisher", NoTx: true}))
		}
	}
	if to.V.Slot == "" {
		return append(steps, renamed...)
	}
	return append(renamed, steps...)
}

// reconnect sets the connection string. The one before is a secret that nobody knows, and does not come back.
func reconnect(to kind.Of[Subscription]) plan.Step {
	head := "ALTER SUBSCRIPTION " + ident(to.ID.Name) + " CONNECTION "
	step := plan.Step{SQL: head + hiddenPassword, Comment: "connect " + to.ID.String() + " to " + string(to.V.Publisher)}
	step.Hide(head + literal(to.V.connection))
	return step
}

// republish names the publications. A subscription that receives looks at the publisher for tables that come and go, which
// no transaction can hold; one that does not, does so once it is enabled and refreshed.
func republish(from, to kind.Of[Subscription]) plan.Step {
	head := "ALTER SUBSCRIPTION " + ident(to.ID.Name) + " SET PUBLICATION "
	without := toggle(to.V.Enabled, "", " WITH (refresh = false)")
	return plan.Step{
		SQL: head + idents(to.V.Publications) + without, Reverse: []string{head + idents(from.V.Publications) + without},
		Comment: "modify the publications of " + to.ID.String(), NoTx: to.V.Enabled,
	}
}

// dropSubscription drops the slot on the publisher too, where there is one.
func dropSubscription(_ *kind.Context, s kind.Of[Subscription]) ([]plan.Step, error) {
	step := plan.Step{
		SQL: "DROP SUBSCRIPTION " + ident(s.ID.Name), Comment: "drop " + s.ID.String(), NoTx: s.V.Slot != "",
		Loses: "the subscription " + s.ID.Name + " with its connection string, and how far it has received",
	}
	if s.V.Slot != "" {
		step.Comment += " and its slot on the publisher, which must be reachable (else ALTER SUBSCRIPTION " + ident(s.ID.Name) + " DISABLE and SET (slot_name = NONE) before)"
		step.Loses += "; the publisher's slot " + s.V.Slot
	}
	return []plan.Step{step}, nil
}
