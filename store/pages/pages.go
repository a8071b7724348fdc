// Package pages reads a Bolt file page by page, without Bolt, which gives up on the first byte that makes no sense. It is for files that are
// damaged: what cannot be read it passes over and names. It never writes.
//
// Format (bbolt internal/common): pages of equal size, each with a head of 16 bytes: number (8), flags (2), count of elements (2), pages that
// follow and belong to it (4), little end first. Pages 0 and 1 are metas: magic, version, page size, flags (4 each), root page and sequence,
// freelist page, pages in use, transaction, FNV-1a of these (8 each); the whole one of the newer transaction counts. Elements of a branch are
// position, key length (4 each), page (8); of a leaf flags, position, key length, value length (4 each); positions count from the
// element. A value with flag 1 is a bucket: root page and sequence (8 each), and if the root is 0 a page within the value.
package pages

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
)

const (
	magic    = 0xED0CDAED
	branch   = 1
	leaf     = 2
	head     = 16
	bucketed = 1
	deepest  = 64 // nesting of pages and buckets
)

// File is a file that is read page by page.
type File struct {
	r     io.ReaderAt
	size  int64
	page  int64  // size of a page
	metas []meta // newest first
	seen  map[uint64]bool
	wrong func(what string)
}

// meta is a meta page.
type meta struct {
	whole            bool
	root, end, txid  uint64
	number, pageSize int64
}

// Open finds the meta pages and calls wrong with what is the matter with them, and later with all else that cannot be read.
func Open(r io.ReaderAt, size int64, wrong func(string)) (*File, error) {
	f := &File{r: r, size: size, seen: map[uint64]bool{}, wrong: wrong}
	for _, pageSize := range []int64{4096, 8192, 16384, 32768, 65536} {
		for n := range int64(2) {
			if m, ok := readMeta(r, n, pageSize); ok {
				f.metas = append(f.metas, m)
			}
		}
		if f.metas != nil {
			break
		}
	}
	if f.metas == nil {
		return nil, errors.New("invalid database: neither of the first pages is one's")
	}
	slices.SortStableFunc(f.metas, func(a, b meta) int {
		if a.whole != b.whole {
			return map[bool]int{true: -1, false: 1}[a.whole]
		}
		return cmp.Compare(b.txid, a.txid)
	})
	f.page = f.metas[0].pageSize
	for _, m := range f.metas {
		if !m.whole {
			wrong(fmt.Sprintf("page %d: the checksum of its meta data is wrong", m.number))
		}
	}
	if len(f.metas) < 2 {
		wrong(fmt.Sprintf("page %d: no meta data", 1-f.metas[0].number))
	}
	return f, nil
}

func readMeta(r io.ReaderAt, n, pageSize int64) (m meta, ok bool) {
	b := make([]byte, 64)
	if _, err := r.ReadAt(b, n*pageSize+head); err != nil || binary.LittleEndian.Uint32(b) != magic || int64(binary.LittleEndian.Uint32(b[8:])) != pageSize {
		return m, false
	}
	sum := fnv.New64a()
	sum.Write(b[:56])
	u := binary.LittleEndian.Uint64
	return meta{whole: sum.Sum64() == u(b[56:]), root: u(b[16:]), end: u(b[40:]), txid: u(b[48:]), number: n, pageSize: pageSize}, true
}

// Cut reports whether the file is shorter than its newest transaction left it, and by how many bytes.
func (f *File) Cut() (missing int64) {
	return max(0, int64(min(f.metas[0].end, 1<<40))*f.page-f.size)
}

// Entry is a key with its value, and the buckets that it lies in.
type Entry struct {
	Path       []string
	Key, Value []byte
}

// Each calls visit with every entry of the newest transaction that can be reached and read.
func (f *File) Each(visit func(Entry) error) error { return f.walk(f.metas[0].root, nil, 0, visit) }

// Before calls visit with the entries of the transaction before the newest one, whose pages are not written over before the next one, as far
// as Each did not visit them.
func (f *File) Before(visit func(Entry) error) error {
	if len(f.metas) < 2 {
		return nil
	}
	f.wrong = func(string) {} // what both have was named already
	return f.walk(f.metas[1].root, nil, 0, visit)
}

// Lost calls f with the entries of leaf pages that Each did not reach: leftovers of old transactions, and what lies below pages that cannot be read. Their
// paths are not known.
func (f *File) Lost(visit func(Entry) error) error {
	for n := uint64(2); int64(n+1)*f.page <= f.size; n++ {
		if f.seen[n] {
			continue
		}
		p, err := f.read(n)
		if err != nil || binary.LittleEndian.Uint16(p[8:]) != leaf {
			continue
		}
		if err := f.leaf(p, nil, deepest, func(e Entry) error { return visit(e) }); err != nil {
			return err
		}
	}
	return nil
}

// read reads a page with those that belong to it.
func (f *File) read(n uint64) ([]byte, error) {
	at := int64(n) * f.page
	if n < 2 || at < 0 || at+f.page > f.size {
		return nil, fmt.Errorf("page %d: beyond the end of the file", n)
	}
	h := make([]byte, head)
	if _, err := f.r.ReadAt(h, at); err != nil {
		return nil, fmt.Errorf("page %d: %w", n, err)
	}
	if binary.LittleEndian.Uint64(h) != n {
		return nil, fmt.Errorf("page %d: says that it is page %d", n, binary.LittleEndian.Uint64(h))
	}
	length := (1 + int64(binary.LittleEndian.Uint32(h[12:]))) * f.page
	if at+length > f.size {
		return nil, fmt.Errorf("page %d: goes beyond the end of the file", n)
	}
	p := make([]byte, length)
	if _, err := f.r.ReadAt(p, at); err != nil {
		return nil, fmt.Errorf("page %d: %w", n, err)
	}
	return p, nil
}

// walk visits what lies on and below a page.
func (f *File) walk(n uint64, path []string, depth int, visit func(Entry) error) error {
	if depth > deepest || f.seen[n] {
		f.wrong(fmt.Sprintf("page %d: reached twice, or too deep", n))
		return nil
	}
	f.seen[n] = true
	p, err := f.read(n)
	if err != nil {
		f.wrong(err.Error())
		return nil
	}
	switch flags := binary.LittleEndian.Uint16(p[8:]); flags {
	case leaf:
		return f.leaf(p, path, depth, visit)
	case branch:
		return f.branch(p, n, path, depth, visit)
	default:
		f.wrong(fmt.Sprintf("page %d: neither branch nor leaf (flags %d)", n, flags))
		return nil
	}
}

func (f *File) branch(p []byte, n uint64, path []string, depth int, visit func(Entry) error) error {
	for i := range int(binary.LittleEndian.Uint16(p[10:])) {
		at := head + 16*i
		if at+16 > len(p) {
			f.wrong(fmt.Sprintf("page %d: more elements than room", n))
			return nil
		}
		if err := f.walk(binary.LittleEndian.Uint64(p[at+8:]), path, depth+1, visit); err != nil {
			return err
		}
	}
	return nil
}

// leaf visits the entries of a leaf page, and what lies in its buckets.
func (f *File) leaf(p []byte, path []string, depth int, visit func(Entry) error) error {
	for i := range int(binary.LittleEndian.Uint16(p[10:])) {
		flags, k, v, ok := element(p, i)
		if !ok {
			f.wrong(fmt.Sprintf("page %d: its element %d lies outside of it", binary.LittleEndian.Uint64(p), i))
			continue
		}
		var err error
		if flags&bucketed == 0 {
			err = visit(Entry{Path: path, Key: k, Value: v})
		} else if depth < deepest {
			err = f.bucket(v, append(path[:len(path):len(path)], string(k)), depth, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// element is the i-th of a leaf page.
func element(p []byte, i int) (flags uint32, k, v []byte, ok bool) {
	at := head + 16*i
	if at+16 > len(p) {
		return 0, nil, nil, false
	}
	flags = binary.LittleEndian.Uint32(p[at:])
	pos, ksize, vsize := int64(at)+int64(binary.LittleEndian.Uint32(p[at+4:])), int64(binary.LittleEndian.Uint32(p[at+8:])), int64(binary.LittleEndian.Uint32(p[at+12:]))
	if pos+ksize+vsize > int64(len(p)) {
		return 0, nil, nil, false
	}
	return flags, p[pos : pos+ksize], p[pos+ksize : pos+ksize+vsize], true
}

// bucket visits what lies in a bucket, of which v is the value.
func (f *File) bucket(v []byte, path []string, depth int, visit func(Entry) error) error {
	if len(v) < 16 {
		f.wrong(fmt.Sprintf("bucket %q: cut off", path))
		return nil
	}
	if root := binary.LittleEndian.Uint64(v); root != 0 {
		return f.walk(root, path, depth+1, visit)
	}
	if len(v) < 16+head || binary.LittleEndian.Uint16(v[16+8:]) != leaf {
		f.wrong(fmt.Sprintf("bucket %q: cannot be read", path))
		return nil
	}
	return f.leaf(v[16:], path, depth+1, visit)
}
