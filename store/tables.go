package store

import (
	"iter"

	"copytaster/store/table"
)

func (tx *Tx) places() *table.Table { return tx.table(0) }
func (tx *Tx) guids() *table.Table  { return tx.table(1) }
func (tx *Tx) keys() *table.Table   { return tx.table(2) }
func (tx *Tx) recent() *table.Table { return tx.table(3) }

// table is the one with the number among table.Names.
func (tx *Tx) table(n int) *table.Table {
	if tx.tables[n] == nil {
		tx.tables[n] = table.Of(tx.tx, table.Names[n])
	}
	return tx.tables[n]
}

// Entries yields the entries of one of the tables that the head of this package names, in order. They are valid only during the step.
func (tx *Tx) Entries(name string) iter.Seq[[]byte] { return table.Of(tx.tx, name).All(nil) }
