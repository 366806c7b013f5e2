package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// commentHCL makes the comment of any object an attribute of its block.
func commentHCL() hclKind {
	return hclKind{
		attrs: map[string][]hcl.AttrSpec{"*": {{
			Name: "comment", Takes: hcl.String, Doc: "the comment on the object",
		}}},
		decodeAttrs: decodeComment,
		encodeAttrs: encodeComment,
	}
}

func decodeComment(d *decoder, b *hcl.Block, of *object.Object) {
	v, ok := b.Attr("comment")
	if !ok || v.Text == "" && of.ID.Kind != "extension" {
		return // the server holds no empty comments
	}
	d.add(&object.Object{ID: commentID(of.ID), Value: &Comment{Text: v.Text, Target: of.ID}, Parent: of.ID, Pos: v.Pos}, v.Width)
}

// encodeComment leaves out the comment that the schema public has by itself. What gets a comment by itself (the schema
// public, extensions) and has none says so.
func encodeComment(e *encoder, of object.ID, b *hcl.Block) {
	c, ok := kind.Get[Comment](e.state, commentID(of))
	isPublic := of == schemaID("public") && e.state.Has(of)
	switch {
	case !ok && (isPublic || of.Kind == "extension"):
		b.Set("comment", hcl.Str(""))
	case ok:
		e.said[c.ID] = true
		if !isPublic || c.V.Text != publicComment {
			b.Set("comment", hcl.Str(c.V.Text))
		}
	}
}
