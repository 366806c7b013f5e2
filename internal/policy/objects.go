package policy

// What rules of the project's see. The tags say how a field is called there and what it is; docs/lint-objects.md is made
// of them. A text that is empty is null there.

// subject is an action of a statement, with what it is done to.
type subject struct {
	Verb       string     `cty:"verb" doc:"what is done: the list is below"`
	Action     action     `cty:"action" doc:"the clause itself"`
	Table      *table     `cty:"table" doc:"the table as it is before the action; of create_table, as it is made"`
	Column     *column    `cty:"column" doc:"the column as it is afterwards; of drop_column, as it was. In a rule that speaks of it, create_table stands for each of its columns"`
	Before     *column    `cty:"column_before" doc:"the column as it was; null where it is new"`
	Index      *index     `cty:"index" doc:"the index that is made or dropped. With create_table: each"`
	Constraint *constrain `cty:"constraint" doc:"the constraint that is made or dropped. With create_table: each"`
	Facts      facts      `cty:"facts" doc:"what the action costs"`
	Statement  statement  `cty:"statement" doc:"the statement that it is part of"`
	File       string     `cty:"file" doc:"the file; of a plan, where the change is declared"`
	Line       *int       `cty:"line" doc:"the line on which the statement begins"`
	Unit       unit       `cty:"unit" doc:"what is linted as one: a migration file or a plan"`
	Dialect    string     `cty:"dialect" doc:"postgres or mysql"`
	Server     server     `cty:"server" doc:"the server that the statements are for"`
	Version    string     `cty:"version" doc:"the server's version, as in 18.4.0; as server.version"`
}

type action struct {
	Name         string   `cty:"name" doc:"the column, constraint, index, trigger, policy, setting or value that it names"`
	To           string   `cty:"to" doc:"the new name"`
	ToSchema     string   `cty:"to_schema" doc:"the new schema"`
	Kind         string   `cty:"kind" doc:"of create, alter, drop, rename and grant: the kind of object"`
	Object       *name    `cty:"object" doc:"of create, alter, drop and rename: the object; of partitions, the partition"`
	Expression   string   `cty:"expression" doc:"a default, a USING clause, the value of a setting"`
	Columns      []string `cty:"columns" doc:"the columns that it names"`
	IfExists     bool     `cty:"if_exists" doc:"IF EXISTS"`
	IfNotExists  bool     `cty:"if_not_exists" doc:"IF NOT EXISTS"`
	OrReplace    bool     `cty:"or_replace" doc:"OR REPLACE"`
	Cascade      bool     `cty:"cascade" doc:"CASCADE"`
	Concurrently bool     `cty:"concurrently" doc:"CONCURRENTLY"`
	WithoutWhere bool     `cty:"without_where" doc:"an UPDATE or DELETE of all rows"`
	Algorithm    string   `cty:"algorithm" doc:"ALGORITHM, as the statement asks for it (MySQL)"`
	Lock         string   `cty:"lock" doc:"LOCK, as the statement asks for it (MySQL)"`
}

type name struct {
	Schema string `cty:"schema" doc:"its schema"`
	Name   string `cty:"name" doc:"its name"`
}

type table struct {
	Schema       string      `cty:"schema" doc:"its schema"`
	Name         string      `cty:"name" doc:"its name"`
	Known        bool        `cty:"known" doc:"whether more than the name is known: from a dev database, or from the text of the files before"`
	ExistsBefore bool        `cty:"exists_before" doc:"whether it was there before the file or plan: it may have rows, and programs that use it"`
	Kind         string      `cty:"kind" doc:"table, partitioned table, view, materialized view or foreign table"`
	Rows         *int64      `cty:"rows" doc:"the server's estimate; null where nobody knows"`
	Bytes        *int64      `cty:"bytes" doc:"likewise, without indexes"`
	Columns      []column    `cty:"columns" doc:"its columns"`
	PrimaryKey   []string    `cty:"primary_key" doc:"the columns of its primary key"`
	Indexes      []index     `cty:"indexes" doc:"its indexes, with those of constraints"`
	Constraints  []constrain `cty:"constraints" doc:"its constraints"`
	Triggers     []string    `cty:"triggers" doc:"the names of its triggers"`
	Policies     []string    `cty:"policies" doc:"the names of its policies"`
	RowSecurity  bool        `cty:"row_security" doc:"whether row security is on"`
	Parent       *name       `cty:"parent" doc:"the table that it is a partition of, or inherits from"`
	Temporary    bool        `cty:"temporary" doc:"TEMPORARY"`
	Unlogged     bool        `cty:"unlogged" doc:"UNLOGGED"`
	Engine       string      `cty:"engine" doc:"its engine (MySQL)"`
	Charset      string      `cty:"charset" doc:"its character set (MySQL)"`
	Collation    string      `cty:"collation" doc:"its collation (MySQL)"`
}

type column struct {
	Name          string `cty:"name" doc:"its name"`
	Type          string `cty:"type" doc:"its type as the database spells it: character varying(20)"`
	TypeFamily    string `cty:"type_family" doc:"the type's short name, without sizes: varchar, char, text, int, bigint, numeric, double, bool, timestamp, timestamptz, enum …"`
	Size          *int   `cty:"size" doc:"the number after the type: the length, or the precision; null where there is none"`
	Scale         *int   `cty:"scale" doc:"the second number after the type"`
	Array         bool   `cty:"array" doc:"whether it is an array"`
	Unsigned      bool   `cty:"unsigned" doc:"UNSIGNED (MySQL)"`
	NotNull       bool   `cty:"not_null" doc:"NOT NULL"`
	Default       string `cty:"default" doc:"the expression of its default"`
	Identity      string `cty:"identity" doc:"always or by default"`
	Generated     string `cty:"generated" doc:"stored or virtual"`
	AutoIncrement bool   `cty:"auto_increment" doc:"AUTO_INCREMENT (MySQL), serial or identity"`
	Charset       string `cty:"charset" doc:"its character set (MySQL)"`
	Collation     string `cty:"collation" doc:"its collation"`
	Comment       string `cty:"comment" doc:"its comment, where the statement itself says it (MySQL)"`
}

type index struct {
	Name       string   `cty:"name" doc:"its name"`
	Unique     bool     `cty:"unique" doc:"UNIQUE"`
	Columns    []string `cty:"columns" doc:"its columns; an expression is in parentheses"`
	Include    []string `cty:"include" doc:"the columns of INCLUDE"`
	Where      string   `cty:"where" doc:"the condition of a partial index"`
	Method     string   `cty:"method" doc:"btree, gin, hash …"`
	Type       string   `cty:"type" doc:"fulltext or spatial (MySQL)"`
	Constraint bool     `cty:"constraint" doc:"whether a constraint owns it"`
}

type constrain struct {
	Name       string   `cty:"name" doc:"its name"`
	Type       string   `cty:"type" doc:"primary key, unique, foreign key, check, exclusion or not null"`
	Columns    []string `cty:"columns" doc:"its columns"`
	Expression string   `cty:"expression" doc:"of a check: its condition"`
	RefTable   *name    `cty:"ref_table" doc:"the table that a foreign key refers to"`
	RefColumns []string `cty:"ref_columns" doc:"its columns that are referred to"`
	NotValid   bool     `cty:"not_valid" doc:"NOT VALID"`
	Deferrable bool     `cty:"deferrable" doc:"DEFERRABLE"`
}

type facts struct {
	BlocksReads   bool     `cty:"blocks_reads" doc:"whether readers of a table wait for as long as the work takes"`
	BlocksWrites  bool     `cty:"blocks_writes" doc:"whether writers do"`
	Rewrites      bool     `cty:"rewrites" doc:"whether every row is written anew"`
	Scans         bool     `cty:"scans" doc:"whether every row is read"`
	BuildsIndexes []string `cty:"builds_indexes" doc:"the indexes that are built; * stands for all of the table"`
	NoTransaction bool     `cty:"no_transaction" doc:"whether the server refuses it within a transaction"`
	Online        bool     `cty:"online" doc:"whether the long work is done while others go on"`
	Algorithm     string   `cty:"algorithm" doc:"INSTANT, NOCOPY, INPLACE or COPY (MySQL)"`
	Loses         string   `cty:"loses" doc:"what is gone for good"`
	Takes         string   `cty:"takes" doc:"instant, seconds, minutes or hours, on the live tables; null where they are not known"`
	Locks         []lock   `cty:"locks" doc:"the locks that it takes"`
}

type lock struct {
	Schema       string `cty:"schema" doc:"the schema of the table"`
	Table        string `cty:"table" doc:"the table"`
	Mode         string `cty:"mode" doc:"the server's word: ACCESS EXCLUSIVE"`
	BlocksReads  bool   `cty:"blocks_reads" doc:"whether readers wait"`
	BlocksWrites bool   `cty:"blocks_writes" doc:"whether writers wait"`
	Brief        bool   `cty:"brief" doc:"whether it is held for a moment only, however large the table is"`
}

type statement struct {
	SQL         string   `cty:"sql" doc:"its text"`
	Comments    []string `cty:"comments" doc:"the comments above it"`
	Number      int      `cty:"number" doc:"its place in the file or plan, from 1"`
	Transaction *int     `cty:"transaction" doc:"a number that statements of one transaction share; null outside of any"`
	Bounded     bool     `cty:"bounded" doc:"whether it waits for locks no longer than a timeout"`
}

type unit struct {
	Name    string `cty:"name" doc:"the name of the file, or plan"`
	Version string `cty:"version" doc:"the version of a migration"`
}

type server struct {
	Flavor  string `cty:"flavor" doc:"postgres, mysql or mariadb"`
	Version string `cty:"version" doc:"its version, as in 18.4.0"`
	Major   int    `cty:"major" doc:"the first number of its version"`
	Minor   int    `cty:"minor" doc:"the second"`
	Patch   int    `cty:"patch" doc:"the third"`
}
