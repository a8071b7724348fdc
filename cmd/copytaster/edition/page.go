package edition

import (
	"cmp"
	"slices"

	"copytaster"
	"copytaster/store"
	"copytaster/web/view"
)

// Page returns the stories that a page of the web shows.
func (r Reader) Page(q view.Query) (page []copytaster.Story, err error) {
	err = r.DB.View(func(tx *store.Tx) error {
		records, err := recordsOf(tx, q)
		if err != nil {
			return err
		}
		skip := q.Offset
		for _, s := range records {
			if len(page) >= q.Limit {
				return nil
			}
			if q.Filter.Empty() && skip > 0 {
				skip--
				continue
			}
			story, err := r.compose(tx, s)
			if err != nil {
				return err
			}
			if len(story.Items) == 0 || !q.Filter.Match(story) {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			page = append(page, story)
		}
		return nil
	})
	return page, err
}

// recordsOf lists the stored stories that the query may mean, in its order.
func recordsOf(tx *store.Tx, q view.Query) (records []store.Story, err error) {
	for s, err := range tx.Stories(q.Since) {
		if err != nil {
			return nil, err
		}
		records = append(records, s)
		if !q.Largest && q.Filter.Empty() && len(records) >= q.Offset+q.Limit {
			break
		}
	}
	if q.Largest {
		slices.SortStableFunc(records, func(a, b store.Story) int { return cmp.Compare(len(b.Items), len(a.Items)) })
	}
	return records, nil
}
