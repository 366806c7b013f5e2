package mysql

// change is what one clause of an ALTER TABLE does, as far as it matters for how the server runs it.
type change string

// The changes.
const (
	addColumn           change = "add a column at the end"
	placeColumn         change = "add a column at a place"
	addExpression       change = "add a column with an expression as default"
	addReading          change = "add a column with a default that reads other columns"
	addVolatile         change = "add a column with a default that differs from row to row"
	addAutoIncrement    change = "add an AUTO_INCREMENT column"
	addVirtual          change = "add a virtual column"
	placeVirtual        change = "add a virtual column at a place"
	addStored           change = "add a stored generated column"
	dropPlainColumn     change = "drop a column"
	dropIndexedColumn   change = "drop a column that an index has"
	dropVirtual         change = "drop a virtual column"
	dropAutoIncrement   change = "drop an AUTO_INCREMENT column"
	renameColumn        change = "rename a column"
	moveColumn          change = "move a column"
	columnDetail        change = "change default, comment, visibility, display width or versioning of a column"
	storedDetail        change = "change the comment or visibility of a stored generated column"
	appendMember        change = "append a member to an ENUM or SET"
	widenColumn         change = "widen a VARCHAR within its length bytes"
	changeType          change = "change the type of a column"
	changeNull          change = "change whether a column takes NULL"
	widenCharset        change = "change utf8mb3 to utf8mb4 on a column without index"
	widenIndexedCharset change = "change utf8mb3 to utf8mb4 on an indexed column"
	changeCollation     change = "change the collation of a column without index"
	changeIndexedColl   change = "change the collation of an indexed column"
	changeMemberColl    change = "change the collation of an ENUM or SET"
	startAutoIncrement  change = "give a column AUTO_INCREMENT"
	stopAutoIncrement   change = "take AUTO_INCREMENT from a column"
	changeSRID          change = "change the spatial reference system of a column"
	changeVirtual       change = "change the expression of a virtual column"
	addKey              change = "add an index"
	addFunctionalKey    change = "add a functional index, behind others by its name"
	addEarlyFunctional  change = "add a functional index that is unique, or before others by its name"
	addFulltext         change = "add the first FULLTEXT index"
	addMoreFulltext     change = "add another FULLTEXT index"
	addSpatial          change = "add a SPATIAL index"
	addVector           change = "add a VECTOR index"
	dropKey             change = "drop an index"
	renameKey           change = "rename an index"
	hideKey             change = "hide or show an index"
	addPrimary          change = "add or replace a primary key"
	dropPrimary         change = "drop a primary key"
	addCheck            change = "add a check"
	addIdleCheck        change = "add a check that is not enforced"
	dropACheck          change = "drop a check"
	enforceCheck        change = "enforce a check"
	idleCheck           change = "stop enforcing a check"
	addForeign          change = "add a foreign key"
	dropForeign         change = "drop a foreign key"
	tableDetail         change = "change comment, default character set or statistics of a table"
	raiseCounter        change = "raise the AUTO_INCREMENT counter of a table"
	rowFormat           change = "change the row format of a table"
	compression         change = "change the compression of a table"
	pageCompression     change = "change the page compression of a table"
	encryption          change = "change the encryption of a table"
	changeEngine        change = "change the engine of a table"
	addVersioning       change = "add system versioning"
	dropVersioning      change = "drop system versioning"
	addPeriod           change = "add a period"
	dropPeriod          change = "drop a period"
	addPartition        change = "add a RANGE or LIST partition"
	dropPartition       change = "drop a RANGE or LIST partition"
	movePartitions      change = "add or coalesce HASH or KEY partitions"
	reorganizePartition change = "reorganize partitions"
	partitionBy         change = "partition a table"
	removePartitions    change = "remove the partitions of a table"
)

// trait is what makes a table more costly to alter than others.
type trait string

// The traits.
const (
	anyTable      trait = ""
	hasFulltext   trait = "with a FULLTEXT index"
	isCompressed  trait = "with ROW_FORMAT=COMPRESSED"
	hasVirtual    trait = "with a virtual column"
	hasVirtualKey trait = "with an index on a virtual column"
	hasFunctional trait = "with a functional index" // on a hidden virtual column, which stays behind all others
	hasStored     trait = "with a stored generated column"
	hasVector     trait = "with a VECTOR index"
	isPartitioned trait = "with partitions"
)

// fact is a row of the table: how a server runs a change of a table with a trait. The ways are codes of ways, with the
// version since which they hold, the newest first; a question mark marks those for which the server has no syntax, or
// takes ALGORITHM and does something else. A dash means that the server has no such change.
type fact struct {
	change  change
	trait   trait
	mysql   string
	mariadb string
}

// facts is how MySQL 8.0 to 9.7 and MariaDB 10.11 and newer run each change (MySQL manual, "Online DDL Operations";
// MariaDB manual, "InnoDB Online DDL Operations with the INPLACE Alter Algorithm" and its neighbours). TestFacts holds
// every row against the servers.
func facts() []fact { return append(columnFacts(), otherFacts()...) }

func columnFacts() []fact {
	return []fact{
		{addColumn, anyTable, "I 8.0.12, Nr", "I"},
		{addColumn, hasFulltext, "C", "Sr"},
		{addColumn, isCompressed, "Nr", "Nr"},
		{addColumn, hasVirtualKey, "I 8.0.12, Nr", "Sr"},
		{placeColumn, anyTable, "I 8.0.29, Nr", "I"},
		{placeColumn, hasFulltext, "C", "Sr"},
		{placeColumn, isCompressed, "Nr", "Nr"},
		{placeColumn, hasVirtual, "I 8.0.29, Nr", "C"},
		{addExpression, anyTable, "C", "I"},
		{addReading, anyTable, "C", "C"},
		{addVolatile, anyTable, "-", "C"},
		{addAutoIncrement, anyTable, "Sr", "Sr"},
		{addAutoIncrement, hasFulltext, "Sr", "Sr"},
		{addVirtual, anyTable, "I 8.0.12, N", "I"},
		{placeVirtual, anyTable, "I 8.0.29, N", "I"},
		{addVirtual, hasFunctional, "C", "-"},
		{placeVirtual, hasVirtual, "C", "C"},
		{placeVirtual, hasFunctional, "C", "-"},
		{addStored, anyTable, "C", "C"},
		{dropPlainColumn, anyTable, "I 8.0.29, Nr", "I"},
		{dropPlainColumn, hasFulltext, "C", "Sr"},
		{dropPlainColumn, isCompressed, "Nr", "Nr"},
		{dropPlainColumn, hasVirtualKey, "I 8.0.29, Nr", "C"},
		{dropIndexedColumn, anyTable, "Nr", "N"},
		{dropVirtual, anyTable, "I 8.0.12, N", "I"},
		{dropVirtual, hasFunctional, "N", "-"},
		{dropAutoIncrement, anyTable, "Nr", "N"},
		{renameColumn, anyTable, "I 8.0.28, N", "I"},
		{moveColumn, anyTable, "Nr", "I"},
		{moveColumn, hasFulltext, "C", "Sr"},
		{moveColumn, isCompressed, "Nr", "Nr"},
		{moveColumn, hasVirtualKey, "Nr", "Sr"},
		{columnDetail, anyTable, "I 8.0.12, N", "I"},
		{storedDetail, anyTable, "I 8.0.12, N", "C"},
		{appendMember, anyTable, "I 8.0.12, N", "I"},
		{widenColumn, anyTable, "N", "I"},
		{changeType, anyTable, "C", "C"},
		{changeNull, anyTable, "Nr", "Nr"},
		{changeNull, hasFulltext, "C", "Sr"},
		{changeNull, hasVirtualKey, "Nr", "C"},
		{changeNull, hasStored, "Nr", "C"},
		{widenCharset, anyTable, "N", "I"},
		{widenIndexedCharset, anyTable, "C", "I"},
		{changeCollation, anyTable, "N", "I"},
		{changeIndexedColl, anyTable, "C", "N"},
		{changeMemberColl, anyTable, "I 8.0.12, N", "C"},
		{startAutoIncrement, anyTable, "C", "C"},
		{stopAutoIncrement, anyTable, "C", "I"},
		{changeSRID, anyTable, "C", "-"},
		{changeVirtual, anyTable, "C", "I"},
		{changeVirtual, hasVirtualKey, "C", "C"},
	}
}

func otherFacts() []fact {
	return []fact{
		{addKey, anyTable, "N", "N"},
		{addFunctionalKey, anyTable, "S", "-"},
		{addEarlyFunctional, anyTable, "C", "-"},
		{addFulltext, anyTable, "Sr", "Sr"},
		{addMoreFulltext, anyTable, "S", "S"},
		{addSpatial, anyTable, "S", "S"},
		{addVector, anyTable, "-", "C 11.7"},
		{addKey, hasVector, "-", "C 11.7"},
		{addFulltext, hasVector, "-", "C 11.7"},
		{addMoreFulltext, hasVector, "-", "C 11.7"},
		{addSpatial, hasVector, "-", "C 11.7"},
		{addPrimary, hasVector, "-", "C 11.7"},
		{dropKey, hasVector, "-", "C 11.7"},
		{dropIndexedColumn, hasVector, "-", "C 11.7"},
		{dropKey, anyTable, "N", "N"},
		{renameKey, anyTable, "N", "I"},
		{hideKey, anyTable, "N", "I"},
		{addPrimary, anyTable, "Nr", "Nr"},
		{addPrimary, hasFulltext, "C", "Sr"},
		{addPrimary, hasVirtualKey, "Nr", "C"},
		{addPrimary, hasStored, "Nr", "C"},
		{dropPrimary, anyTable, "C", "C"},
		{addCheck, anyTable, "C", "C"},
		{addIdleCheck, anyTable, "I 8.0.16", "-"},
		{dropACheck, anyTable, "I 8.0.16", "I"},
		{enforceCheck, anyTable, "C", "-"},
		{idleCheck, anyTable, "I 8.0.16", "-"},
		{addForeign, anyTable, "C", "C"},
		{dropForeign, anyTable, "N", "I"},
		{tableDetail, anyTable, "N", "I"},
		{raiseCounter, anyTable, "N", "I"},
		{rowFormat, anyTable, "Nr", "Nr"},
		{rowFormat, hasFulltext, "C", "Sr"},
		{rowFormat, hasVirtualKey, "Nr", "Sr"},
		{compression, anyTable, "N", "-"},
		{pageCompression, anyTable, "-", "Nr"},
		{encryption, anyTable, "C", "Nr"},
		{encryption, hasFulltext, "C", "Sr"},
		{encryption, hasVirtualKey, "C", "Sr"},
		{changeEngine, anyTable, "C", "C?"},
		{addVersioning, anyTable, "-", "C"},
		{dropVersioning, anyTable, "-", "Sr"},
		{addPeriod, anyTable, "-", "C"},
		{dropPeriod, anyTable, "-", "I"},
		{addPartition, anyTable, "N", "N?"},
		{dropPartition, anyTable, "N", "N?"},
		{movePartitions, anyTable, "S", "S?"},
		{reorganizePartition, anyTable, "S", "S?"},
		{partitionBy, anyTable, "C", "C?"},
		{removePartitions, anyTable, "C", "C?"},
	}
}
