package safety

import "strings"

// Verb says what an action does.
type Verb string

// The verbs. Where a dialect has no such thing, it has no such action.
const (
	CreateTable   Verb = "create table"
	DropTable     Verb = "drop table"
	RenameTable   Verb = "rename table"
	MoveTable     Verb = "set schema"
	TruncateTable Verb = "truncate"

	AddColumn      Verb = "add column"
	DropColumn     Verb = "drop column"
	RenameColumn   Verb = "rename column"
	AlterType      Verb = "alter type"
	SetDefault     Verb = "set default"
	DropDefault    Verb = "drop default"
	SetNotNull     Verb = "set not null"
	DropNotNull    Verb = "drop not null"
	SetExpression  Verb = "set expression"
	DropExpression Verb = "drop expression"
	AddIdentity    Verb = "add identity"
	AlterIdentity  Verb = "alter identity"
	DropIdentity   Verb = "drop identity"
	SetStatistics  Verb = "set statistics"
	SetStorage     Verb = "set storage"
	// ChangeColumn is MySQL's MODIFY and CHANGE: the whole column anew.
	ChangeColumn Verb = "change column"

	AddConstraint      Verb = "add constraint"
	DropConstraint     Verb = "drop constraint"
	RenameConstraint   Verb = "rename constraint"
	ValidateConstraint Verb = "validate constraint"
	AlterConstraint    Verb = "alter constraint"

	CreateIndex Verb = "create index"
	DropIndex   Verb = "drop index"
	RenameIndex Verb = "rename index"
	AlterIndex  Verb = "alter index"
	Reindex     Verb = "reindex"
	AttachIndex Verb = "attach index"

	SetLogged       Verb = "set logged"
	SetTablespace   Verb = "set tablespace"
	SetAccessMethod Verb = "set access method"
	SetOptions      Verb = "set options"
	Cluster         Verb = "cluster"
	VacuumFull      Verb = "vacuum full"
	Vacuum          Verb = "vacuum"
	Analyze         Verb = "analyze"
	LockTable       Verb = "lock"
	OptimizeTable   Verb = "optimize table"

	AttachPartition  Verb = "attach partition"
	DetachPartition  Verb = "detach partition"
	AddPartition     Verb = "add partition"
	DropPartition    Verb = "drop partition"
	ChangePartitions Verb = "change partitions" // coalesce, reorganize, rebuild, hash
	PartitionTable   Verb = "partition table"   // partition by, remove partitioning
	ExchangePart     Verb = "exchange partition"
	Inherit          Verb = "inherit"

	EnableRLS     Verb = "enable row security"
	DisableRLS    Verb = "disable row security"
	ForceRLS      Verb = "force row security"
	CreatePolicy  Verb = "create policy"
	AlterPolicy   Verb = "alter policy"
	DropPolicy    Verb = "drop policy"
	CreateTrigger Verb = "create trigger"
	DropTrigger   Verb = "drop trigger"
	SetTrigger    Verb = "enable or disable trigger"
	SetOwner      Verb = "owner"
	Grant         Verb = "grant"
	Revoke        Verb = "revoke"

	AddEnumValue    Verb = "add enum value"
	RenameEnumValue Verb = "rename enum value"

	// Create, Alter, Drop and Rename are of any other kind of object; Kind names it.
	Create Verb = "create"
	Alter  Verb = "alter"
	Drop   Verb = "drop"
	Rename Verb = "rename"

	RefreshView Verb = "refresh materialized view"
	Engine      Verb = "engine"
	RowFormat   Verb = "row format"
	ConvertTo   Verb = "convert to character set"
	TableOption Verb = "table option"
	OrderBy     Verb = "order by"
	Comment     Verb = "comment"

	Insert Verb = "insert"
	Update Verb = "update"
	Delete Verb = "delete"
	Query  Verb = "query"
	Call   Verb = "call" // code whose effects the text does not show

	SetVariable Verb = "set"
	Begin       Verb = "begin"
	Commit      Verb = "commit"
	Rollback    Verb = "rollback"
	// Other is a statement that nothing is known of.
	Other Verb = "other"
	// NewKey is, beside another action, an index that is built.
	NewKey Verb = "new key"
)

// Verbs are all verbs.
func Verbs() []Verb {
	return []Verb{
		CreateTable, DropTable, RenameTable, MoveTable, TruncateTable, AddColumn, DropColumn, RenameColumn, AlterType, SetDefault, DropDefault,
		SetNotNull, DropNotNull, SetExpression, DropExpression, AddIdentity, AlterIdentity, DropIdentity, SetStatistics, SetStorage,
		ChangeColumn, AddConstraint, DropConstraint, RenameConstraint, ValidateConstraint, AlterConstraint, CreateIndex, DropIndex, RenameIndex,
		AlterIndex, Reindex, AttachIndex, SetLogged, SetTablespace, SetAccessMethod, SetOptions, Cluster, VacuumFull, Vacuum, Analyze, LockTable,
		OptimizeTable, AttachPartition, DetachPartition, AddPartition, DropPartition, ChangePartitions, PartitionTable, ExchangePart, Inherit,
		EnableRLS, DisableRLS, ForceRLS, CreatePolicy, AlterPolicy, DropPolicy, CreateTrigger, DropTrigger, SetTrigger, SetOwner, Grant, Revoke,
		AddEnumValue, RenameEnumValue, Create, Alter, Drop, Rename, RefreshView, Engine, RowFormat, ConvertTo, TableOption, OrderBy, Comment,
		Insert, Update, Delete, Query, Call, SetVariable, Begin, Commit, Rollback, Other, NewKey,
	}
}

// Word is the verb as one word: add_column.
func (v Verb) Word() string { return strings.ReplaceAll(string(v), " ", "_") }

// Action is one thing that a statement does: a clause of ALTER TABLE, a CREATE INDEX, one table of DROP TABLE.
type Action struct {
	Verb  Verb
	Table Name   // the table that it is about
	Name  string // the column, constraint, index, trigger, policy, setting or value
	To    string // the new name
	ToIn  string // the new schema
	Kind  string // of Create, Alter, Drop, Rename, Grant: the kind of object
	Of    Name   // the object of Create, Alter, Drop and Rename; the partition of attach and detach

	Column     *Column
	Constraint *Constraint
	Index      *Index
	New        *Table // of CreateTable

	Expr         string // a default, a USING clause, the value of a setting
	Columns      []string
	Before       string // of AddEnumValue: the neighbour
	Last         bool   // of AddEnumValue: it is appended
	IfExists     bool
	IfNotExists  bool
	OrReplace    bool
	Cascade      bool
	Concurrently bool
	Local        bool // SET LOCAL
	Only         bool
	Whole        bool // UPDATE or DELETE without WHERE

	// Of MySQL: what the statement asks for.
	Algorithm, LockClause string
	Placed                bool   // FIRST or AFTER
	After                 string // the column that it is put behind
	// Bounded means that the statement itself says how long it waits for locks: WAIT, NOWAIT, SET STATEMENT.
	Bounded bool
	// Beside is what else the statement does that cannot be done instantly: NewKey or Other.
	Beside Verb
	// Change is a dialect's own word for what it does, by which its facts are found.
	Change string
}
