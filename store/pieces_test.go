package store

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// TestPieces writes values of all lengths, new and again, and reads them one by one and all together.
func TestPieces(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "db"))
	defer db.Close()
	r := rand.New(rand.NewPCG(1, 1))
	model := map[uint32][]byte{}
	for range 20 {
		err := db.bolt.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("test"))
			if err != nil {
				return err
			}
			for range 20 {
				k := uint32(r.IntN(60))
				v := make([]byte, []int{0, 1, piece - 1, piece, piece + 1, 2 * piece, r.IntN(9 * piece)}[r.IntN(7)])
				for i := range v {
					v[i] = byte(r.Uint32())
				}
				model[k] = v
				if err := putPieces(b, binary.BigEndian.AppendUint32(nil, k), v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.bolt.View(func(tx *bolt.Tx) error {
			b, n := tx.Bucket([]byte("test")), 0
			for range values(b) {
				n++
			}
			if n != len(model) {
				t.Errorf("got %d values, want %d", n, len(model))
			}
			for k, want := range model {
				if got := getPieces(b, binary.BigEndian.AppendUint32(nil, k)); !bytes.Equal(got, want) {
					t.Errorf("value %d: got %d bytes, want the %d that were written", k, len(got), len(want))
				}
			}
			if got := getPieces(b, binary.BigEndian.AppendUint32(nil, 1000)); got != nil {
				t.Errorf("no value: got %d bytes", len(got))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
