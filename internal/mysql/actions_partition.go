package mysql

import "github.com/schemactl/schemactl/internal/safety"

// addPartition reads ADD PARTITION: definitions of RANGE and LIST, which are new and empty, or a number of HASH and KEY.
func (r *alteration) addPartition() {
	r.ifNotExists()
	r.TakeAny("no_write_to_binlog", "local")
	if r.Peek().Is("(") {
		r.Group()
		r.put(safety.Action{Verb: safety.AddPartition, Change: string(addPartition)})
		return
	}
	r.Take("partitions")
	r.Next()
	r.put(safety.Action{Verb: safety.ChangePartitions, Name: "add", Change: string(movePartitions)})
}

// partitions reads the other operations on partitions; ok is false where something else comes next.
func (r *alteration) partitions() (ok bool) {
	switch {
	case r.Take("partition", "by"):
		r.put(safety.Action{Verb: safety.PartitionTable, Expr: r.Rest(), Change: string(partitionBy)})
	case r.Take("remove", "partitioning"):
		r.put(safety.Action{Verb: safety.PartitionTable, Change: string(removePartitions)})
	case r.Take("coalesce", "partition"):
		r.Rest()
		r.put(safety.Action{Verb: safety.ChangePartitions, Name: "coalesce", Change: string(movePartitions)})
	case r.Peek().Is("reorganize", "rebuild", "optimize") && r.PeekAt(1).Is("partition"):
		name := r.Next().Text
		r.Until("algorithm", "lock")
		r.put(safety.Action{Verb: safety.ChangePartitions, Name: name, Change: string(reorganizePartition)})
	case r.Take("truncate", "partition"):
		for _, n := range r.names() {
			r.put(safety.Action{Verb: safety.DropPartition, Name: n.Name, Change: string(dropPartition), Kind: "truncate"})
		}
	case r.Take("exchange", "partition"):
		a := safety.Action{Verb: safety.ExchangePart, Name: r.word()}
		r.Take("with", "table")
		a.Of = r.name()
		r.put(a)
	case r.Take("convert", "partition"):
		a := safety.Action{Verb: safety.DetachPartition, Name: r.word()}
		r.Take("to", "table")
		a.Of = r.name()
		r.put(a)
	case r.Take("convert", "table"):
		a := safety.Action{Verb: safety.AttachPartition, Of: r.name()}
		r.Rest()
		r.put(a)
	case r.Peek().Is("analyze", "check", "repair") && r.PeekAt(1).Is("partition"):
		r.Rest()
		r.put(safety.Action{Verb: safety.Analyze})
	default:
		return false
	}
	return true
}
