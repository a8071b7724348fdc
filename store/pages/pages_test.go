package pages

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// file is a Bolt file with nested buckets, of 4 KB pages.
func file(t testing.TB) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "db")
	db, err := bolt.Open(name, 0o600, &bolt.Options{PageSize: 4096})
	if err != nil {
		t.Fatal(err)
	}
	db.AllocSize = 4096
	for from := range 3 {
		err := db.Update(func(tx *bolt.Tx) error {
			outer, err := tx.CreateBucketIfNotExists([]byte("outer"))
			if err != nil {
				return err
			}
			inner, err := outer.CreateBucketIfNotExists(fmt.Append(nil, "inner", from))
			if err != nil {
				return err
			}
			for i := range uint32(200) {
				if err := inner.Put(binary.BigEndian.AppendUint32(nil, i), bytes.Repeat([]byte{byte(i)}, int(i))); err != nil {
					return err
				}
			}
			return outer.Put([]byte("long"), bytes.Repeat([]byte("x"), 9000))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEach(t *testing.T) {
	b := file(t)
	f, err := Open(bytes.NewReader(b), int64(len(b)), func(what string) { t.Error(what) })
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = f.Each(func(e Entry) error {
		n++
		if len(e.Path) == 2 && len(e.Value) != int(binary.BigEndian.Uint32(e.Key)) {
			t.Errorf("%q: got a value of %d bytes", e.Path, len(e.Value))
		}
		return nil
	})
	if err != nil || n != 601 || f.Cut() != 0 {
		t.Errorf("got %d entries, %v, cut by %d; want 601", n, err, f.Cut())
	}
	cut, err := Open(bytes.NewReader(b[:len(b)/2]), int64(len(b)/2), func(string) {})
	if err != nil || cut.Cut() == 0 {
		t.Errorf("half a file: %v, cut by %d", err, cut.Cut())
	}
}

// FuzzDamage writes bytes over a file: it is read to its end without harm, and nothing is found that would not fit into it.
func FuzzDamage(f *testing.F) {
	b := file(f)
	f.Add(uint32(0), []byte("nonsense"))
	f.Add(uint32(4096+8), []byte{255, 255, 255, 255})
	f.Add(uint32(3*4096+10), []byte{255, 255})
	f.Fuzz(func(t *testing.T, at uint32, with []byte) {
		hurt := bytes.Clone(b)
		copy(hurt[int(at)%len(hurt):], with)
		file, err := Open(bytes.NewReader(hurt), int64(len(hurt)), func(string) {})
		if err != nil {
			return
		}
		size := 0
		count := func(e Entry) error {
			size += len(e.Key) + len(e.Value)
			return nil
		}
		for _, read := range []func(func(Entry) error) error{file.Each, file.Before, file.Lost} {
			if err := read(count); err != nil {
				t.Fatal(err)
			}
		}
		file.Cut()
		if size > 1000*len(hurt) {
			t.Errorf("%d bytes found in a file of %d", size, len(hurt))
		}
	})
}
