package postgres

import (
	"maps"
	"slices"
	"strconv"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// ref is the address of an object in the server's catalogs: the catalog, the row, and the column number for the
// columns of a relation (PostgreSQL manual, "pg_depend").
type ref struct {
	class, oid, sub string
}

// OIDs of the catalogs themselves; they are the same in every installation (src/include/catalog/pg_*.h).
const (
	classRelation   = "1259"
	classType       = "1247"
	classConstraint = "2606"
	classDefault    = "2604"
	classNamespace  = "2615"
	classExtension  = "3079"
	classRewrite    = "2618"
	classProc       = "1255"
	classTrigger    = "2620"
	classPolicy     = "3256"
	classEvent      = "3466"
	classCollation  = "3456"
	classStatistics = "3381"
	classLanguage   = "2612"
	classWrapper    = "2328"
	classServer     = "1417"
	classMapping    = "1418"
	classDefaultACL = "826"
	classCast       = "2605"
	classOperator   = "2617"
	classOpClass    = "2616"
	classOpFamily   = "2753"
	classPub        = "6104"
	classPubTable   = "6106"
	classPubSchema  = "6237"
	classSub        = "6100"
	classRole       = "1260"
	classTSParser   = "3601"
	classTSDict     = "3600"
	classTSTemplate = "3764"
	classTSConfig   = "3602"
	classConversion = "2607"
	classTransform  = "3576"
	classMethod     = "2601"
)

// builder makes objects from rows and keeps the map from catalog addresses to objects, by which the dependencies
// that the server recorded become needs.
type builder struct {
	catalog *catalog.Catalog
	scope   Scope
	state   *object.State
	refs    map[ref]object.ID
	objects map[object.ID]*object.Object
	members map[ref]ref  // members of extensions, which are never touched, and the extension
	aliases map[ref]bool // addresses that stand for an object without being it
	parts   map[ref]part // addresses of what has no object of its own
	listed  map[ref]bool // addresses of what stands in the ledger
	guests  map[ref]bool // addresses of what a dev database held before
	shares  []shareAt
}

// shareAt is a part of an index or key with its address and that of the one that it is a part of.
type shareAt struct {
	at, of ref
	share  Share
}

// share notes that a partition has a part of an index or key.
func (b *builder) share(at, of ref, s Share) { b.shares = append(b.shares, shareAt{at, of, s}) }

// giveShares tells the partitions which parts they have: those of tables that are partitions themselves have theirs first.
func (b *builder) giveShares() {
	over := map[ref]ref{}
	for _, s := range b.shares {
		over[s.at] = s.of
	}
	for _, s := range b.shares {
		for top, inner := over[s.of]; inner; top, inner = over[s.of] {
			s.of = top
		}
		of, known := b.at(s.of)
		table, ok := kind.Get[Table](b.state, tableID(s.share.ID))
		if !known || !ok {
			continue
		}
		s.share.Of = of
		s.share.Stays = b.staysBehind(of)
		table.V.Shares = append(table.V.Shares, s.share)
	}
	for _, o := range b.state.Kind("table") {
		if t := o.Value.(*Table); len(t.Shares) > 0 {
			t.nameParts(b.state)
		}
	}
}

func (b *builder) staysBehind(key object.ID) bool {
	num, _ := strconv.Atoi(b.catalog.Settings["server_version_num"])
	k, ok := kind.Get[Constraint](b.state, key)
	if !ok || key.Kind != "foreign_key" || num == 0 || num >= 150000 {
		return false
	}
	t, ok := kind.Get[Table](b.state, k.V.references())
	return ok && t.V.PartitionBy != ""
}

// part is something that carries comments and privileges without being an object: the column of a view.
type part struct {
	id    object.ID
	owner object.ID // the object that it comes and goes with
}

func newBuilder(c *catalog.Catalog, scope Scope) *builder {
	b := &builder{
		catalog: c, scope: scope, state: object.NewState(),
		refs: map[ref]object.ID{}, objects: map[object.ID]*object.Object{}, members: map[ref]ref{},
		aliases: map[ref]bool{}, parts: map[ref]part{}, listed: map[ref]bool{}, guests: map[ref]bool{},
	}
	_ = c.Tables["extension_members"].Each(func(r catalog.Row) error {
		b.members[ref{r.Str("classid"), r.Str("objid"), "0"}] = ref{classExtension, r.Str("extension"), "0"}
		return nil
	})
	b.noteGuests()
	return b
}

// rows calls f for each row of a query.
func (b *builder) rows(query string, f func(catalog.Row) error) error {
	return b.catalog.Tables[query].Each(f)
}

// inScope reports whether objects of the schema are wanted.
func (b *builder) inScope(schema string) bool {
	return len(b.scope.Schemas) == 0 || slices.Contains(b.scope.Schemas, schema)
}

// add puts an object into the state under its catalog address, unless it belongs to an extension or is out of scope.
func (b *builder) add(at ref, o *object.Object) error {
	if b.isMember(at) || b.guests[ref{at.class, at.oid, "0"}] || o.ID.Schema != "" && !b.inScope(o.ID.Schema) {
		return nil
	}
	if o.ID.Schema != "" {
		o.Needs = append(o.Needs, schemaID(o.ID.Schema))
	}
	if !o.Parent.IsZero() {
		o.Needs = append(o.Needs, o.Parent)
	}
	b.refs[at] = o.ID
	b.objects[o.ID] = o
	return b.state.Add(o)
}

// isMember reports whether the object at an address belongs to an extension.
func (b *builder) isMember(at ref) bool {
	_, member := b.members[ref{at.class, at.oid, "0"}]
	return member
}

// part names what stands at an address without being an object of its own. It reports whether its owner is managed.
func (b *builder) part(at ref, id, owner object.ID) {
	if _, known := b.objects[owner]; known {
		b.parts[at] = part{id, owner}
	}
}

// target finds what comments and privileges at an address belong to: an object, or a part with its owner.
func (b *builder) target(at ref) (part, bool) {
	if p, ok := b.parts[at]; ok {
		return p, true
	}
	id, ok := b.refs[at]
	return part{id, id}, ok && !b.aliases[at]
}

// alias makes another catalog address stand for an object: the row type of a table, the rule behind a view.
func (b *builder) alias(at ref, id object.ID) {
	if _, known := b.objects[id]; known {
		b.refs[at], b.aliases[at] = id, true
	}
}

// aliasArrays makes the array types stand for the types of their elements. Before PostgreSQL 17, pg_depend does not tell
// that those of an extension's types belong to it.
func (b *builder) aliasArrays() {
	_ = b.rows("arrays", func(r catalog.Row) error {
		if extension, ok := b.members[ref{classType, r.Str("element"), "0"}]; ok {
			b.members[ref{classType, r.Str("array"), "0"}] = extension
		}
		if id, ok := b.at(ref{classType, r.Str("element"), "0"}); ok {
			b.alias(ref{classType, r.Str("array"), "0"}, id)
		}
		return nil
	})
}

// at returns the object at a catalog address.
func (b *builder) at(at ref) (object.ID, bool) {
	id, ok := b.refs[at]
	return id, ok
}

// finish turns the recorded dependencies into needs.
func (b *builder) finish() (*object.State, error) {
	err := b.rows("depend", func(r catalog.Row) error {
		from, ok := b.resolve(r.Str("classid"), r.Str("objid"), r.Str("objsubid"))
		if !ok {
			return nil
		}
		if b.aliases[ref{r.Str("classid"), r.Str("objid"), r.Str("objsubid")}] && r.Str("objid") == r.Str("refobjid") {
			return nil // of a partition's key on itself; the column is the parent's
		}
		to, ok := b.resolve(r.Str("refclassid"), r.Str("refobjid"), r.Str("refobjsubid"))
		if !ok || to == from || isOwnership(from, to) {
			return nil
		}
		if b.attach(from, to) {
			return nil
		}
		b.need(from, to)
		// A column that a table has of its parent is the parent's: what reads it there needs the table, too.
		if table, ok := b.at(ref{r.Str("refclassid"), r.Str("refobjid"), "0"}); ok && table != from && table != b.objects[to].Parent {
			b.need(from, table)
		}
		return nil
	})
	findMentions(slices.Collect(maps.Values(b.objects)), mentionedIn)
	keepApart(b.state)
	b.giveShares()
	for _, o := range b.objects {
		o.Needs = slices.DeleteFunc(o.Needs, func(id object.ID) bool { return b.objects[id] == nil })
		o.SortNeeds()
	}
	return b.state, err
}

// need notes that an object needs another; a table does not need its own columns.
func (b *builder) need(from, to object.ID) {
	if b.objects[to].Parent != from {
		b.objects[from].Needs = append(b.objects[from].Needs, to)
	}
}

// isOwnership reports whether a dependency is that of a sequence on its column, which is an object of its own.
func isOwnership(from, to object.ID) bool { return from.Kind == "sequence" && to.Kind == "column" }

// resolve finds the object at an address: itself, the relation when the column is not an object of its own, or the
// extension that it is a member of.
func (b *builder) resolve(class, oid, sub string) (object.ID, bool) {
	if id, ok := b.refs[ref{class, oid, sub}]; ok {
		return id, true
	}
	if id, ok := b.refs[ref{class, oid, "0"}]; ok {
		return id, true
	}
	id, ok := b.refs[b.members[ref{class, oid, "0"}]]
	return id, ok
}

// dependencyQueries read what the server knows of dependencies between objects that users made: OIDs from 16384 on
// (src/include/access/transam.h, FirstNormalObjectId).
func dependencyQueries() []catalog.Query {
	return []catalog.Query{
		{Name: "depend", SQL: `
SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid
FROM pg_catalog.pg_depend
WHERE objid >= 16384 AND refobjid >= 16384 AND deptype <> 'e'
ORDER BY 1, 2, 3, 4, 5, 6`},
		{Name: "arrays", SQL: `
SELECT oid AS element, typarray AS array FROM pg_catalog.pg_type WHERE typarray >= 16384`},
		{Name: "extension_members", SQL: `
SELECT classid, objid, refobjid AS extension FROM pg_catalog.pg_depend WHERE deptype = 'e' AND refclassid = 3079`},
	}
}

// userSchemas is the condition that leaves out the server's own schemas; n is pg_namespace.
const userSchemas = `n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'`
