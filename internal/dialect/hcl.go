package dialect

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// HCLCodec is a dialect whose objects can be written as HCL.
type HCLCodec interface {
	// Vocabulary is what the dialect's HCL consists of.
	Vocabulary() hcl.Vocabulary
	// DecodeHCL makes objects of evaluated blocks: as they are written, not as a server would spell them. Each carries
	// the place of its declaration. All faults are gathered.
	DecodeHCL(blocks []*hcl.Block, scope Scope) (*object.State, diag.List)
	// EncodeHCL makes blocks of a state, as a server spells it. The entries name what HCL cannot say.
	EncodeHCL(s *object.State, scope Scope) ([]*hcl.Block, []object.Entry, error)
	// HCLKinds lists the kinds of objects that HCL can declare. What it cannot declare, an HCL source says nothing
	// about: the absence of such an object is no wish to drop it.
	HCLKinds() []string
	// Initial is what is in an empty database before anything is declared.
	Initial(scope Scope) *object.State
}

// HCLAdopter is a codec whose HCL leaves open some of what a server tells apart.
type HCLAdopter interface {
	// AdoptHCL returns the desired state of an HCL source with the answers of the current state to what HCL leaves
	// open, so that they are no difference. It changes neither state.
	AdoptHCL(current, desired *object.State) *object.State
}

// HCLCarrier is a codec whose HCL says what no server gives back, such as passwords.
type HCLCarrier interface {
	// CarriesHCL reports whether files may say such things.
	CarriesHCL(scope Scope, files [][]byte) bool
	// CarryHCL puts them into the state that a server made of the declarations.
	CarryHCL(declared, built *object.State) error
}

// HCLDeclarer is a codec with kinds that nothing but HCL declares and no server is asked about, such as MySQL's users:
// other files say nothing about them, and CarryHCL brings them along.
type HCLDeclarer interface {
	DeclaredKinds() []string
}

// HCLFitter is a codec whose HCL means something else on one of its servers.
type HCLFitter interface {
	// FitHCL changes freshly decoded objects to what they are on the server.
	FitHCL(s *object.State, server Server)
}

// HCLNormaliser is a codec that spells some declared objects as a server does, without asking one.
type HCLNormaliser interface {
	// NormaliseHCL divides what HCL declares for the server. settled are objects of the live state that surely are what
	// is declared. ask is what a server must be asked about, with what that refers to: an object of the answer counts
	// unless settled has it. It changes neither state.
	NormaliseHCL(desired, live *object.State, server Server) (settled, ask *object.State, err error)
}

// HCLNoter is a codec whose HCL leaves open some of what a server fills in.
type HCLNoter interface {
	// NoteHCL notes in the catalog that a server made of freshly decoded objects what these leave open: Build tells it,
	// so that what the server filled in is no wish.
	NoteHCL(desired *object.State, c *catalog.Catalog)
}
