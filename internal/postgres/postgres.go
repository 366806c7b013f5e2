// Package postgres is the PostgreSQL dialect: how its catalogs are read, what its kinds of objects are and how each
// is made, changed and dropped. It knows no feature of schemactl; features ask it.
package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
)

// objectKind is all that the dialect knows of one kind of object.
type objectKind struct {
	kind.Kind
	queries []catalog.Query      // what inspection reads for it; %s in the SQL tells whether the kind was asked for
	build   func(*builder) error // makes its objects from the rows
	off     bool                 // it is managed only where that was asked for
	hcl     hclKind              // how its objects stand in HCL; zero: they cannot be declared there
}

// kinds is the table of the dialect's kinds; inspection, diff, plan and docs walk it. Kinds whose rows refer to
// others by OID stand after them.
func kinds() []objectKind {
	return []objectKind{
		roleKind(),
		schemaKind(),
		extensionKind(),
		collationKind(),
		enumKind(),
		domainKind(),
		domainCheckKind(),
		compositeKind(),
		rangeKind(),
		sequenceKind(),
		functionKind(),
		procedureKind(),
		aggregateKind(),
		languageKind(),
		castKind(),
		operatorKind(),
		operatorFamilyKind(),
		operatorClassKind(),
		searchParserKind(),
		searchTemplateKind(),
		searchDictionaryKind(),
		searchConfigurationKind(),
		tableKind(),
		wrapperKind(),
		serverKind(),
		userMappingKind(),
		foreignTableKind(),
		viewKind(),
		materializedKind(),
		columnKind(),
		inheritedColumnKind(),
		defaultKind(),
		sequenceOwnerKind(),
		primaryKeyKind(),
		uniqueKind(),
		excludeKind(),
		checkKind(),
		foreignKeyKind(),
		indexKind(),
		statisticsKind(),
		settingKind(),
		triggerKind(),
		ruleKind(),
		policyKind(),
		publicationKind(),
		publicationTableKind(),
		publicationSchemaKind(),
		subscriptionKind(),
		eventTriggerKind(),
		extensionDependencyKind(),
		permissionKind(),
		defaultPermissionKind(),
		ownerKind(),
		membershipKind(),
		commentKind(),
	}
}

// Kinds returns the kinds of PostgreSQL for the differ and the planner.
func Kinds() *kind.Set {
	var list []kind.Kind
	for _, k := range kinds() {
		list = append(list, k.AndThen(undoDefaults).Named(naming(k.Name)).Checked(dataChecks(k.Name)))
	}
	return kind.NewSet(list...).Untied(untie).Arrange(settle)
}

// Weights break ties in the order of steps: kinds that others usually need come first.
const (
	weightRole = 10 * (iota + 1)
	weightMembership
	weightSchema
	weightExtension
	weightCollation
	weightType
	weightDomainCheck
	weightFunction
	weightOperator
	weightSearch
	weightSequence
	weightServer
	weightTable
	weightColumn
	weightDefault
	weightSequenceOwner
	weightPrimaryKey
	weightUnique
	weightCheck
	weightIndex
	weightForeignKey
	weightView
	weightTrigger
	weightPolicy
	weightPublication
	weightComment
	weightOwner
	weightPermission
	weightEventTrigger
	weightDefaultPermission
)
