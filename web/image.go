package web

import (
	"net/http"
	"slices"

	"copytaster"
)

// imageTypes are the pictures that are passed on: those that hold no script and that Go tells by their first bytes.
func imageTypes() []string { return []string{"image/jpeg", "image/png", "image/gif", "image/webp"} }

// image serves the picture of a story's version, at /story/ID/image/ITEM. Only what a stored item names is fetched, so nobody can have other
// addresses asked; and only what is a picture by its first bytes is passed on, whatever the outlet calls it.
func (s *site) image(w http.ResponseWriter, r *http.Request) {
	address, err := s.imageOf(r.PathValue("id"), r.PathValue("item"))
	if err != nil {
		s.internal(w, r, err)
		return
	}
	if address == "" || s.Image == nil {
		s.notFound(w, "There is no picture at this address.")
		return
	}
	body, err := s.Image(r.Context(), address)
	kind := http.DetectContentType(body)
	if err != nil || !slices.Contains(imageTypes(), kind) {
		s.Log.Info("image", "url", address, "type", kind, "err", err)
		s.notFound(w, "The outlet gives no picture that can be shown.")
		return
	}
	out := newRendered(body, kind)
	out.keep = "private, max-age=86400"
	out.packed = true
	out.serve(w, r)
}

// imageOf is the address of the picture that the story's item names, empty if there is none.
func (s *site) imageOf(story, item string) (string, error) {
	st, found, err := s.Story(story)
	if err != nil || !found {
		return "", err
	}
	i := slices.IndexFunc(st.Items, func(it copytaster.Item) bool { return it.ID == item })
	if i < 0 {
		return "", nil
	}
	return st.Items[i].Image, nil
}
