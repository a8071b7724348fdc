package export

import (
	"bytes"
	"testing"

	"copytaster"
)

// entries makes the entries of a feed, as a press does.
func entries(c Channel, stories []copytaster.Story) (list []entry) {
	_, _ = (*Press)(nil).fragments("", c, stories, func(e entry) ([]byte, error) {
		list = append(list, e)
		return nil, nil
	})
	return list
}

// TestPress shows that a press that remembers writes what one writes that does not, also when a story is new, gone, grown or moved.
func TestPress(t *testing.T) {
	p := NewPress()
	list := append(stories(t, "front.json"), stories(t, "hostile.json")...)
	changed := list[0]
	changed.Items = append([]copytaster.Item{}, changed.Items...)
	changed.Items[0].Title = "Another headline"
	later := list[1]
	later.Updated = later.Updated.AddDate(1, 0, 0)
	other := channel()
	other.Host, other.Title = "other.example", "Other"
	for _, c := range []struct {
		channel Channel
		list    []copytaster.Story
	}{
		{channel(), list}, {channel(), list}, {channel(), list[1:]}, {other, list}, {channel(), append([]copytaster.Story{changed, later}, list[2:]...)}, {channel(), nil}, {channel(), append(list[:1:1], list...)},
	} {
		for name, write := range map[string][2]func(*bytes.Buffer) error{
			"rss":  {func(b *bytes.Buffer) error { return p.RSS(b, c.channel, c.list) }, func(b *bytes.Buffer) error { return RSS(b, c.channel, c.list) }},
			"atom": {func(b *bytes.Buffer) error { return p.Atom(b, c.channel, c.list) }, func(b *bytes.Buffer) error { return Atom(b, c.channel, c.list) }},
			"json": {func(b *bytes.Buffer) error { return p.JSON(b, c.channel, c.list) }, func(b *bytes.Buffer) error { return JSON(b, c.channel, c.list) }},
		} {
			var got, want bytes.Buffer
			if err := write[0](&got); err != nil {
				t.Fatal(err)
			}
			if err := write[1](&want); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%s of %d stories: the press remembers wrongly", name, len(c.list))
			}
		}
	}
}
