// Package atlas is the bridge to Atlas (ariga.io/atlas): the only importer of its schema, dialect and HCL packages.
//
// Atlas diffs and plans tables: a kind hands the bridge the same table twice, reduced to what changed, and gets back
// the statements. Atlas evaluates HCL: the bridge returns tables of the same model. What Atlas does not model is not
// the bridge's concern; the kinds add it beside.
package atlas
