// Package fsck looks whether a database is whole, and brings what can be read out of one that is not. It never writes to the file it looks at.
package fsck

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"copytaster"
	"copytaster/store"
	"copytaster/store/pages"
	"copytaster/store/record"
)

// Check reads the whole file, which nobody must have open for writing, and calls found with all that is wrong with it, in words. The error is nil if the
// file could be looked at.
func Check(name string, found func(string)) error {
	if err := metas(name, found); err != nil {
		return err
	}
	db, err := store.OpenReadOnly(name)
	if errors.Is(err, store.ErrDamaged) {
		found(bare(err))
		return nil
	}
	if err != nil {
		return err
	}
	err = check(db, found)
	if errors.Is(err, store.ErrDamaged) {
		found(bare(err))
		err = nil
	}
	return errors.Join(err, db.Close())
}

// bare is an error without the hint to call what was called.
func bare(err error) string {
	return strings.ReplaceAll(err.Error(), store.ErrDamaged.Error(), "damaged")
}

// metas looks at the first two pages. With one of them Bolt works on, as it was before the last transaction.
func metas(name string, found func(string)) error {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if _, err = pages.Open(in, info.Size(), found); err != nil {
		return fmt.Errorf("database %s: %w", name, err)
	}
	return nil
}

func check(db *store.DB, found func(string)) error {
	pages := 0
	if err := db.Pages(func(s string) { pages++; found(s) }); err != nil || pages > 0 {
		return err // what lies on wrong pages need not be read
	}
	return db.View(func(tx *store.Tx) error {
		c := checker{tx: tx, found: func(format string, args ...any) { found(fmt.Sprintf(format, args...)) }, feeds: map[string]int{}}
		c.items()
		c.counts()
		c.stories()
		c.keys()
		return nil
	})
}

// checker looks at what the records say of each other.
type checker struct {
	tx    *store.Tx
	found func(format string, args ...any)
	feeds map[string]int // items of each
}

// items holds each record on a day against the index, and the index against the days.
func (c *checker) items() {
	laid := map[string]bool{}
	for it, err := range c.tx.Records() {
		if err != nil {
			c.found("%v", err)
			continue
		}
		if laid[it.ID] {
			c.found("item %s: twice", it.ID)
		}
		laid[it.ID] = true
		c.feeds[it.Feed]++
		c.item(it)
	}
	indexed := 0
	for e := range c.tx.Entries("items") {
		if indexed++; !laid[hex.EncodeToString(e[:8])] {
			c.found("item %x: in the index, but on no day", e[:8])
		}
	}
	if indexed != len(laid) {
		c.found("%d items on their days, but %d in the index", len(laid), indexed)
	}
}

// item looks whether all that leads to the item is there.
func (c *checker) item(it copytaster.Item) {
	if again, ok, err := c.tx.Item(it.ID); err != nil || !ok || again.GUID != it.GUID {
		c.found("item %s: its place in the index is wrong (%v)", it.ID, err)
	}
	if _, err := c.tx.Sketch(it.ID); err != nil {
		c.found("%v", err)
	}
	if it.URL != "" && !slices.Contains(c.tx.ByURL(it.URL), it.ID) || !slices.Contains(c.tx.ByContent(it), it.ID) {
		c.found("item %s: not found by its address or text", it.ID)
	}
	if c.tx.ByGUID(it.Feed, it.GUID) != it.ID {
		c.found("item %s: not found by its guid", it.ID)
	}
	story := c.tx.StoryOf(it.ID)
	if story == "" {
		return
	}
	if s, ok, err := c.tx.Story(story); err != nil {
		c.found("%v", err)
	} else if !ok || s.ID != story || !slices.Contains(s.Items, it.ID) {
		c.found("item %s: its story %s does not have it", it.ID, story)
	}
}

func (c *checker) counts() {
	counts := c.tx.Counts()
	for feed, n := range c.feeds {
		if counts[feed] != n {
			c.found("feed %s: %d items, but %d counted", feed, n, counts[feed])
		}
		delete(counts, feed)
	}
	for feed, n := range counts {
		if n != 0 {
			c.found("feed %s: no item, but %d counted", feed, n)
		}
	}
}

// stories holds the stories against the list by time, and both against their items.
func (c *checker) stories() {
	listed := 0
	for s, err := range c.tx.Stories(time.Time{}) {
		if err != nil {
			c.found("%v", err)
			break
		}
		listed++
		for _, id := range s.Items {
			if of := c.tx.StoryOf(id); of != "" && of != s.ID {
				c.found("story %s: its item %s is in %s", s.ID, id, of)
			}
		}
	}
	stories := 0
	for range c.tx.Raw("stories") {
		stories++
	}
	if listed != stories {
		c.found("%d stories, but %d listed by time", stories, listed)
	}
}

// keys looks for keys that lead nowhere, and at what is left.
func (c *checker) keys() {
	for e := range c.tx.Entries("keys") {
		if c.tx.Day(hex.EncodeToString(e[8:])).IsZero() {
			c.found("key %x: leads to no item", e)
		}
	}
	for a := range c.tx.Aliases() {
		if a.Old == a.Present {
			c.found("alias %s: leads to itself", a.Old)
		}
	}
	for _, bucket := range []string{"dicts", "spare"} {
		for k, v := range c.tx.Raw(bucket) {
			if _, ok := record.Unseal(v); !ok {
				c.found("dictionary %x in %s: its checksum is wrong", k, bucket)
			}
		}
	}
	if _, err := c.tx.Learned(); err != nil {
		c.found("%v", err)
	}
}
