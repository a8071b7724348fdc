package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// model is what a table of keys of 4 bytes and values of 2 should hold.
type model map[string]string

func (m model) sorted(prefix string) (all []string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if len(k) >= len(prefix) && k[:len(prefix)] == prefix {
			all = append(all, k+m[k])
		}
	}
	return all
}

func open(t testing.TB) *bolt.DB {
	db, err := bolt.Open(filepath.Join(t.TempDir(), "runs"), 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func entries(each func(func([]byte) bool)) (all []string) {
	each(func(e []byte) bool { all = append(all, string(e)); return true })
	return all
}

// TestModel plays what is done to a table on a map beside it, in transactions of random length: keys in order, at random, a few ones again and again, and
// taken out one by one.
func TestModel(t *testing.T) {
	for name, key := range map[string]func(r *rand.Rand, i int) uint32{
		"in order":  func(_ *rand.Rand, i int) uint32 { return uint32(i) },
		"backward":  func(_ *rand.Rand, i int) uint32 { return uint32(1<<20 - i) },
		"at random": func(r *rand.Rand, _ int) uint32 { return r.Uint32() },
		"a few":     func(r *rand.Rand, _ int) uint32 { return r.Uint32N(300) << 12 },
	} {
		t.Run(name, func(t *testing.T) {
			db, want, r := open(t), model{}, rand.New(rand.NewPCG(1, 2))
			for round := 0; round < 4000; {
				err := db.Update(func(tx *bolt.Tx) error {
					b, err := tx.CreateBucketIfNotExists([]byte("t"))
					if err != nil {
						return err
					}
					table := In(b, 4, 6)
					for range 1 + r.IntN(200) {
						round++
						change(t, table, want, r, key(r, round), round)
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				check(t, db, want, r)
			}
		})
	}
}

func change(t *testing.T, table *Table, want model, r *rand.Rand, key uint32, round int) {
	k := binary.BigEndian.AppendUint32(nil, key)
	v := binary.BigEndian.AppendUint16(nil, uint16(round))
	err := table.Put(slices.Concat(k, v))
	want[string(k)] = string(v)
	if r.IntN(3) == 0 || round > 3000 {
		for out := range want {
			if err == nil {
				err = table.Delete([]byte(out))
			}
			delete(want, out)
			if r.IntN(2) == 0 {
				break
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, db *bolt.DB, want model, r *rand.Rand) {
	t.Helper()
	err := db.View(func(tx *bolt.Tx) error {
		table := In(tx.Bucket([]byte("t")), 4, 6)
		all := want.sorted("")
		if got := entries(table.All(nil)); !slices.Equal(got, all) {
			t.Fatalf("got %d entries, want %d", len(got), len(all))
		}
		slices.Reverse(all)
		if got := entries(table.Backward()); !slices.Equal(got, all) {
			t.Fatalf("backward: got %d entries, want %d", len(got), len(all))
		}
		for range 20 {
			prefix := binary.BigEndian.AppendUint32(nil, r.Uint32())[:r.IntN(5)]
			if len(all) > 0 && r.IntN(4) > 0 {
				prefix = []byte(all[r.IntN(len(all))][:r.IntN(7)])
			}
			some := want.sorted(string(prefix[:min(4, len(prefix))]))
			some = slices.DeleteFunc(some, func(e string) bool { return !bytes.HasPrefix([]byte(e), prefix) })
			if got := entries(table.All(prefix)); !slices.Equal(got, some) {
				t.Fatalf("%x: got %q\nwant %q", prefix, got, some)
			}
			first := ""
			if len(some) > 0 {
				first = some[0]
			}
			if got := string(table.Get(prefix)); got != first {
				t.Fatalf("%x: got %q, want %q", prefix, got, first)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkPut adds 1,024 entries of hashes to so many, in one transaction.
func BenchmarkPut(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			db, r := open(b), rand.New(rand.NewPCG(1, 2))
			put := func(n int) {
				if err := db.Update(func(tx *bolt.Tx) error {
					bucket, err := tx.CreateBucketIfNotExists([]byte("t"))
					tab := In(bucket, 8, 22)
					for range n {
						if err == nil {
							err = tab.Put(binary.BigEndian.AppendUint64(make([]byte, 0, 22), r.Uint64())[:22])
						}
					}
					return err
				}); err != nil {
					b.Fatal(err)
				}
			}
			put(n)
			b.ReportAllocs()
			for b.Loop() {
				put(1024)
			}
		})
	}
}
