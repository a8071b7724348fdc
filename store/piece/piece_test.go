package piece

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
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r := rand.New(rand.NewPCG(1, 1))
	model := map[uint32][]byte{}
	for range 20 {
		err := db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("test"))
			if err != nil {
				return err
			}
			for range 20 {
				k := uint32(r.IntN(60))
				v := make([]byte, []int{0, 1, size - 1, size, size + 1, 2 * size, r.IntN(9 * size)}[r.IntN(7)])
				for i := range v {
					v[i] = byte(r.Uint32())
				}
				model[k] = v
				if err := Put(b, binary.BigEndian.AppendUint32(nil, k), v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.View(func(tx *bolt.Tx) error {
			b, n := tx.Bucket([]byte("test")), 0
			for range All(b) {
				n++
			}
			if n != len(model) {
				t.Errorf("got %d values, want %d", n, len(model))
			}
			for k, want := range model {
				if got := Get(b, binary.BigEndian.AppendUint32(nil, k)); !bytes.Equal(got, want) {
					t.Errorf("value %d: got %d bytes, want the %d that were written", k, len(got), len(want))
				}
			}
			if got := Get(b, binary.BigEndian.AppendUint32(nil, 1000)); got != nil {
				t.Errorf("no value: got %d bytes", len(got))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
