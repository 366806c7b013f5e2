package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// noSlot stands for no slot.
const noSlot = "NONE"

func subscriptionHCL() hclKind {
	flag := func(name, doc string) hcl.AttrSpec { return hcl.AttrSpec{Name: name, Takes: hcl.Bool, Doc: doc} }
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "subscription", Labels: hcl.OneLabel, Doc: "what logical replication receives",
				Attrs: []hcl.AttrSpec{
					{Name: "connection", Takes: hcl.String, Secret: true,
						Doc: "how to connect to the publisher, from a variable; never shown. Needed to make it; of one that is there, only dbname, host, port and user are compared, where they can be read"},
					{Name: "publications", Takes: hcl.String, List: true, Required: true, Doc: "the publications on the publisher"},
					flag("enabled", "false: it receives nothing; true by default"),
					{Name: "slot_name", Takes: hcl.String | hcl.Word, Words: []string{noSlot}, Doc: "its slot on the publisher: by default called as the subscription; NONE: it has none"},
					flag("binary", "true: values are sent in binary form"),
					{Name: "streaming", Takes: hcl.Word, Words: []string{"OFF", "ON", "PARALLEL"},
						Doc: "whether large transactions are sent before their end; PARALLEL from PostgreSQL 16 on; without it, as the server has it"},
					{Name: "synchronous_commit", Takes: hcl.String, Doc: "the setting for its own commits; off by default"},
					flag("two_phase", "true: prepared transactions are sent as such; from PostgreSQL 15 on, and changed from 18 on only"),
					flag("disable_on_error", "true: an error disables it, from PostgreSQL 15 on"),
					flag("password_required", "false: its connection needs no password, from PostgreSQL 16 on"),
					flag("run_as_owner", "true: it writes with the rights of its owner, from PostgreSQL 16 on"),
					{Name: "origin", Takes: hcl.Word, Words: []string{"ANY", "NONE"}, Doc: "NONE: only changes that were made on the publisher, from PostgreSQL 16 on"},
					flag("failover", "true: its slot goes to standbys of the publisher, from PostgreSQL 17 on"),
					flag("connect", "false: it is made without a look at the publisher, and its slot is made by hand; counts when it is made"),
					flag("create_slot", "false: its slot is there already; counts when it is made"),
					flag("copy_data", "false: rows that are there before are not copied; counts when it is made"),
				},
			},
			id:     func(_ *decoder, b *hcl.Block) object.ID { return object.ID{Kind: "subscription", Name: b.Name()} },
			decode: decodeSubscription,
		}},
		encode: encodeSubscription,
	}
}

func decodeSubscription(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	v := &Subscription{
		Publications: texts(b.List("publications")), connection: b.Text("connection"), Publisher: publisherOf(b.Text("connection")),
		Enabled: b.Bool("enabled", true), Slot: id.Name, Binary: b.Bool("binary", false), Streaming: strings.ToLower(b.Text("streaming")),
		SyncCommit: "off", TwoPhase: b.Bool("two_phase", false), DisableOnError: b.Bool("disable_on_error", false),
		PasswordRequired: b.Bool("password_required", true), RunAsOwner: b.Bool("run_as_owner", false), Origin: "any",
		Failover:    b.Bool("failover", false),
		unconnected: !b.Bool("connect", true), existingSlot: !b.Bool("create_slot", true), withoutCopy: !b.Bool("copy_data", true),
	}
	slices.Sort(v.Publications)
	if slot, ok := b.Attr("slot_name"); ok {
		v.Slot = slot.Text
		if slot.Kind == hcl.Word {
			v.Slot = ""
		}
	}
	if s := b.Text("synchronous_commit"); s != "" {
		v.SyncCommit = s
	}
	if s := b.Text("origin"); s != "" {
		v.Origin = strings.ToLower(s)
	}
	if v.Slot == "" && v.Enabled {
		d.faults.Add(b.Errorf("conflict", "the %s has no slot and is enabled", id).WithHint("write enabled = false, or give it a slot"))
	}
	return d.object(b, &object.Object{ID: id, Value: v, Claims: []string{id.String()}})
}

// encodeSubscription leaves the connection out: whoever makes the subscription anew gives it by a variable.
func encodeSubscription(_ *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	v, usual := o.Value.(*Subscription), usualSubscription()
	b := &hcl.Block{Type: "subscription", Labels: []string{o.ID.Name}}
	list := make([]hcl.Value, len(v.Publications))
	for i, p := range v.Publications {
		list[i] = hcl.Str(p)
	}
	b.Set("publications", hcl.Items(list...))
	if !v.Enabled {
		b.Set("enabled", hcl.Flag(false))
	}
	switch v.Slot {
	case "":
		b.Set("slot_name", hcl.Bare(noSlot))
	case o.ID.Name:
	default:
		b.Set("slot_name", hcl.Str(v.Slot))
	}
	setTrue(b, "binary", v.Binary)
	if v.Streaming != "" {
		b.Set("streaming", hcl.Bare(strings.ToUpper(v.Streaming)))
	}
	if v.SyncCommit != usual.SyncCommit {
		b.Set("synchronous_commit", hcl.Str(v.SyncCommit))
	}
	setTrue(b, "two_phase", v.TwoPhase)
	setTrue(b, "disable_on_error", v.DisableOnError)
	if !v.PasswordRequired {
		b.Set("password_required", hcl.Flag(false))
	}
	setTrue(b, "run_as_owner", v.RunAsOwner)
	if v.Origin != usual.Origin {
		b.Set("origin", hcl.Bare(strings.ToUpper(v.Origin)))
	}
	setTrue(b, "failover", v.Failover)
	return b
}

// carrySubscriptions adds the declared subscriptions, with what belongs to them, as they are declared.
func carrySubscriptions(declared, built *object.State) error {
	for _, o := range declared.All() {
		if kind.Owner(o, declared).Kind != "subscription" || built.Has(o.ID) {
			continue
		}
		if err := built.Add(o); err != nil {
			return err
		}
	}
	return nil
}
