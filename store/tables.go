package store

import (
	"iter"

	"copytaster/store/table"
)

func (tx *Tx) places() table.Table { return table.Of(tx.tx, "items") }
func (tx *Tx) guids() table.Table  { return table.Of(tx.tx, "guids") }
func (tx *Tx) keys() table.Table   { return table.Of(tx.tx, "keys") }
func (tx *Tx) recent() table.Table { return table.Of(tx.tx, "recent") }

// Entries yields the entries of one of the tables that the head of this package names, in order. They are valid only during the step.
func (tx *Tx) Entries(name string) iter.Seq[[]byte] { return table.Of(tx.tx, name).All(nil) }
