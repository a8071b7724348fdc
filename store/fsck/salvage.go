package fsck

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"time"

	"copytaster"
	"copytaster/store"
	"copytaster/store/pages"
	"copytaster/store/record"
)

// Salvaged counts what Salvage brought out.
type Salvaged struct {
	Items, Stories int
	Lost           int // items that the file says it has, but which cannot be read
	Feeds          int // feeds that will be asked for everything again, since an item of theirs may be lost
}

// Salvage writes all that can be read of the damaged file into the new file to, which must not be there yet, and calls wrong with what cannot be read. Feeds
// that lost an item, or may have, lose their state with it, so that the next poll brings again what they still offer.
func Salvage(from, to string, wrong func(string)) (s Salvaged, err error) {
	in, err := os.Open(from)
	if err != nil {
		return s, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return s, err
	}
	damage := 0
	f, err := pages.Open(in, info.Size(), func(what string) { damage++; wrong(what) })
	if err != nil {
		return s, fmt.Errorf("%s: %w", from, err)
	}
	w := newWreck()
	err = w.gather(f.Each, w.take)
	if err == nil && damage > 0 {
		w.older = true
		err = errors.Join(w.gather(f.Before, w.take), w.gather(f.Lost, w.takeLost))
	}
	if err != nil {
		return s, err
	}
	err = store.Fill(to, func(f *store.Filler) error { s, err = w.write(f, damage > 0, wrong); return err })
	return s, err
}

// wreck is what was found in a damaged file.
type wreck struct {
	codec    *record.Codec
	dicts    map[uint32][]byte // by number
	items    map[string]laid   // records by id
	sketches map[string][]byte // by id
	places   map[string][]byte // the index: by id
	guids    []store.GUID
	stories  map[string][]byte
	aliases  []store.Alias
	states   map[string][]byte
	counts   map[string]uint64
	learned  map[string][]byte // pieces by number
	older    bool              // what is taken is of an older transaction
}

// laid is an item's record and the day it lies on, "" if that is not known.
type laid struct {
	day    string
	record []byte
}

func newWreck() *wreck {
	return &wreck{dicts: map[uint32][]byte{}, learned: map[string][]byte{}, items: map[string]laid{}, sketches: map[string][]byte{}, places: map[string][]byte{}, stories: map[string][]byte{},
		states: map[string][]byte{}, counts: map[string]uint64{}}
}

// gather puts the pieces of long values together again. They follow each other in the order in which each visits entries; a piece without those before it is
// passed over.
func (w *wreck) gather(each func(func(pages.Entry) error) error, take func(pages.Entry) error) error {
	var whole pages.Entry
	pieces := 0
	err := each(func(e pages.Entry) error {
		if n := len(e.Key); n == 6 && pieces > 0 && slices.Equal(e.Path, whole.Path) && bytes.Equal(e.Key[:4], whole.Key) && int(binary.BigEndian.Uint16(e.Key[4:])) == pieces {
			whole.Value = append(whole.Value, e.Value...)
			pieces++
			return nil
		}
		if pieces > 0 {
			if err := take(whole); err != nil {
				return err
			}
		}
		if pieces = 0; len(e.Key) != 4 {
			return take(e)
		}
		whole = pages.Entry{Path: e.Path, Key: bytes.Clone(e.Key), Value: bytes.Clone(e.Value)}
		pieces = 1
		return nil
	})
	if err == nil && pieces > 0 {
		err = take(whole)
	}
	return err
}

// take keeps an entry whose place in the file is known.
func (w *wreck) take(e pages.Entry) error {
	if len(e.Path) == 0 {
		return nil
	}
	k, v := hex.EncodeToString(e.Key), bytes.Clone(e.Value)
	switch bucket := e.Path[0]; {
	case (bucket == "dicts" || bucket == "spare") && len(e.Key) == 4:
		if d, ok := record.Unseal(v); ok {
			keep(w, w.dicts, binary.BigEndian.Uint32(e.Key), d)
		}
	case bucket == "days" && len(e.Path) == 3 && len(e.Key) == 4 && len(v) > 8:
		id := hex.EncodeToString(v[:8])
		if e.Path[2] == "items" {
			keep(w, w.items, id, laid{e.Path[1], v})
		} else {
			keep(w, w.sketches, id, v[8:])
		}
	case bucket == "items":
		for place := range entries(e, record.PlaceSize) {
			keep(w, w.places, hex.EncodeToString(place[:8]), place)
		}
	case bucket == "stories":
		keep(w, w.stories, k, v)
	case bucket == "feeds":
		keep(w, w.states, string(e.Key), v)
	case bucket == "counts":
		n, _ := binary.Uvarint(v)
		keep(w, w.counts, string(e.Key), n)
	case bucket == "learned":
		keep(w, w.learned, k, v)
	case w.older:
	case bucket == "guids":
		for g := range entries(e, 16) {
			w.guids = append(w.guids, store.GUID{Hash: hex.EncodeToString(g[:8]), Item: hex.EncodeToString(g[8:])})
		}
	case bucket == "aliases":
		if a, ok := record.ParseAlias(e.Key, v); ok {
			w.aliases = append(w.aliases, a)
		}
	}
	return nil
}

// entries are those of a run of a table, which are so many bytes long; of layout version 2, the one that lies under a key of its own.
func entries(e pages.Entry, size int) iter.Seq[[]byte] {
	v := e.Value
	if len(v)%size != 0 {
		v = append(slices.Concat(e.Key, v), make([]byte, size)...)[:size]
	}
	return slices.Chunk(bytes.Clone(v), size)
}

// keep notes a value, but an older one only where there is none.
func keep[K comparable, V any](w *wreck, m map[K]V, k K, v V) {
	if _, known := m[k]; !known || !w.older {
		m[k] = v
	}
}

// takeLost keeps the record, or the sketch, of an item that the index names, from a page that nothing leads to. It may be older than what was lost.
func (w *wreck) takeLost(e pages.Entry) error {
	if len(e.Key) != 4 || len(e.Value) <= 12 {
		return nil
	}
	id := hex.EncodeToString(e.Value[:8])
	if _, named := w.places[id]; !named {
		return nil
	}
	item := record.IsItem(e.Value[8:])
	if _, ok := w.items[id]; item && !ok {
		w.items[id] = laid{"", bytes.Clone(e.Value)}
	}
	if _, ok := w.sketches[id]; !item && !ok {
		w.sketches[id] = bytes.Clone(e.Value[8:])
	}
	return nil
}

// write fills a new database.
func (w *wreck) write(f *store.Filler, damaged bool, wrong func(string)) (s Salvaged, err error) {
	if w.codec, err = record.New(w.dicts); err != nil {
		wrong(err.Error())
		if w.codec, err = record.New(nil); err != nil {
			return s, err
		}
	}
	got, stories := map[string]int{}, map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(w.items)) {
		it, err := w.codec.ParseItem(w.items[id].record)
		if err != nil {
			wrong(err.Error())
			continue
		}
		story := w.storyOf(id)
		if err := f.Item(it, w.sketches[id], w.dayOf(it), story); err != nil {
			return s, err
		}
		s.Items++
		got[it.Feed]++
		if story != "" {
			stories[story] = true
		}
	}
	s.Stories = len(stories)
	s.Lost = max(0, len(w.places)-s.Items)
	w.noteStories(f, wrong)
	for _, a := range w.aliases {
		if !stories[a.Old] {
			if err := f.Alias(a); err != nil {
				return s, err
			}
		}
	}
	for _, g := range w.guids {
		if err := f.GUID(g); err != nil {
			return s, err
		}
	}
	s.Feeds, err = w.writeStates(f, got, damaged)
	return s, errors.Join(err, w.writeLearned(f, wrong))
}

// noteStories notes the stories whose records can be read.
func (w *wreck) noteStories(f *store.Filler, wrong func(string)) {
	for id, v := range w.stories {
		st, err := record.ParseStory(v)
		if err != nil {
			wrong(fmt.Sprintf("story %s: %v", id, err))
			continue
		}
		st.ID = id
		f.Story(st)
	}
}

// storyOf is the story that the index says an item is in.
func (w *wreck) storyOf(id string) string {
	return hex.EncodeToString(record.ParsePlace(w.places[id]).Story)
}

func (w *wreck) dayOf(it copytaster.Item) time.Time {
	if t, err := time.Parse(time.DateOnly, w.items[it.ID].day); err == nil {
		return t
	}
	return it.Seen
}

// writeStates stores the states of the feeds that lost nothing, and counts the others.
func (w *wreck) writeStates(f *store.Filler, got map[string]int, damaged bool) (others int, err error) {
	for _, feed := range slices.Sorted(maps.Keys(w.states)) {
		counted, known := w.counts[feed]
		if damaged && !known || known && counted != uint64(got[feed]) {
			others++
			continue
		}
		if err := f.State(feed, w.states[feed]); err != nil {
			return others, err
		}
	}
	return others, nil
}

func (w *wreck) writeLearned(f *store.Filler, wrong func(string)) error {
	var z []byte
	for _, k := range slices.Sorted(maps.Keys(w.learned)) {
		z = append(z, w.learned[k]...)
	}
	if z == nil {
		return nil
	}
	b, err := record.Read(z)
	if err != nil {
		wrong(fmt.Sprintf("what was learned of boilerplate: %v", err))
		return nil // it is learned again
	}
	return f.Learned(b)
}
