package dedupe

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"copytaster/dedupe/shingle"
	"copytaster/dedupe/shingle/sample"
)

// TestMergerIsGreedy holds stories against those of the plain rule: all pairs in their order, again until nothing merges.
func TestMergerIsGreedy(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	rules := newRules(Options{})
	for range 20 {
		all := tangle(r, 80)
		got := itemsOf(rules.partition(all))
		if want := itemsOf(plainPartition(rules, all)); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if n := len(got); n < 5 || n > 75 {
			t.Errorf("%d stories of 80 articles say little", n)
		}
	}
}

// tangle makes articles of parts of a few texts, within four days, of which many match.
func tangle(r *rand.Rand, n int) (all []*node) {
	var words [4][]string
	for i := range words {
		words[i] = strings.Fields(sample.Prose(r.Uint64(), 200))
	}
	for i := range n {
		var body []string
		for _, w := range words[:1+r.IntN(len(words))] {
			from := r.IntN(len(w))
			body = append(body, w[from:from+r.IntN(len(w)-from)]...)
		}
		m := &node{Article: piece(fmt.Sprint(i), strings.Join(body, " "), r.IntN(96))}
		for _, o := range all {
			c := shingle.Measure(m.Set, o.Set)
			m.set(edge{o, c, rules{}.decide(side{&m.Article, m.Set}, side{&o.Article, o.Set}, c.Match())})
		}
		all = append(all, m)
	}
	slices.SortFunc(all, earlier)
	return all
}

func plainPartition(r rules, all []*node) (parts [][]*node) {
	for i, n := range all {
		n.group, n.place = &group{[]*node{n}, n.Published, n.Published}, int32(i)
	}
	links := matches(all)
	slices.SortFunc(links, pair.compare)
	for again := true; again; {
		again = false
		for _, l := range links {
			if a, b := all[l.a].group, all[l.b].group; a != b && r.mayMerge(a, b, l.firm) {
				merge(a, b)
				again = true
			}
		}
	}
	for _, n := range all {
		if g := n.group; n == slices.MinFunc(g.nodes, earlier) {
			parts = append(parts, slices.SortedFunc(slices.Values(g.nodes), earlier))
		}
	}
	return parts
}

func itemsOf(parts [][]*node) (ids [][]string) {
	for _, p := range parts {
		ids = append(ids, itemIDs(p))
	}
	return ids
}
