// Package mysql is the dialect of MySQL 8.0 and newer and MariaDB 10.11 and newer: how their catalogs are read, what
// their kinds of objects are and how each is made, changed and dropped. It knows no feature of schemactl; features ask
// it.
package mysql

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
)

// objectKind is all that the dialect knows of one kind of object.
type objectKind struct {
	kind.Kind
	queries func(server, within) []catalog.Query // what inspection reads for it
	build   func(*builder) error                 // makes its objects from the rows
	hcl     hclKind                              // how they stand in HCL
}

// kinds is the table of the dialect's kinds; inspection, diff, plan and docs walk it. A kind stands after those whose
// objects its own refer to.
func kinds() []objectKind {
	return []objectKind{
		schemaKind(),
		sequenceKind(),
		tableKind(),
		columnKind(),
		primaryKeyKind(),
		indexKind(),
		checkKind(),
		foreignKeyKind(),
		partitioningKind(),
		counterObjects(),
		functionKind(),
		procedureKind(),
		viewKind(),
		triggerKind(),
		eventKind(),
		roleObjects(),
		userObjects(),
		permissionKind(),
	}
}

// Kinds returns the kinds of MySQL and MariaDB for the differ and the planner.
func Kinds() *kind.Set {
	var list []kind.Kind
	for _, k := range kinds() {
		list = append(list, k.Named(naming(k.Name)).Checked(dataChecks(k.Name)))
	}
	return kind.NewSet(list...).Arrange(arrange)
}

// Weights break ties in the order of steps: kinds that others usually need come first.
const (
	weightSchema = 10 * (iota + 1)
	weightSequence
	weightTable
	weightColumn
	weightPrimaryKey
	weightIndex
	weightCheck
	weightForeignKey
	weightPartition
	weightRoutine
	weightView
	weightTrigger
	weightEvent
	weightRole
	weightUser
	weightPermission
)
