package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"copytaster/web/view"
)

// routeAPI mounts what programs ask for: the same as the pages show, as JSON. openapi.json describes it.
func (s *site) routeAPI(mux *http.ServeMux) {
	for path, answer := range map[string]func(*http.Request) (any, error){
		"stories": s.apiStories, "stories/{id}": s.apiStory, "outlets": s.apiOutlets, "outlet": s.apiOutlet, "agencies": s.apiAgencies, "status": s.apiStatus,
		"exports": func(*http.Request) (any, error) { return map[string]any{"exports": s.exports()}, nil },
	} {
		mux.HandleFunc("GET /api/"+path, s.answer(answer))
	}
	mux.HandleFunc("GET /api/openapi.json", s.spec.serve)
	mux.HandleFunc("GET /api/", func(w http.ResponseWriter, _ *http.Request) {
		s.refuse(w, http.StatusNotFound, "no such thing; /api/openapi.json says what there is")
	})
}

// answer serves what f gives as JSON.
func (s *site) answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := f(r)
		if gone, ok := errors.AsType[missing](err); ok {
			s.refuse(w, http.StatusNotFound, string(gone))
			return
		}
		var body []byte
		if err == nil {
			body, err = json.Marshal(v)
		}
		if err != nil {
			s.Log.Error("request", "path", r.URL.Path, "err", err)
			s.refuse(w, http.StatusInternalServerError, "the fault is on our side; the log says more")
			return
		}
		out := newRendered(append(body, '\n'), "application/json")
		out.keep = "no-cache"
		out.serve(w, r)
	}
}

// missing is an error that says that what was asked for is not there.
type missing string

func (m missing) Error() string { return string(m) }

// refuse answers with an error as JSON.
func (s *site) refuse(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text}) // the reader has gone: nothing to be done
}

// apiStories lists what the front page shows with the same query.
func (s *site) apiStories(r *http.Request) (any, error) {
	f := view.ParseForm(r.URL.Query())
	stories, err := s.Brief(f.Query())
	if err != nil {
		return nil, err
	}
	list := struct {
		Stories []view.Record `json:"stories"`
		Next    string        `json:"next,omitempty"` // path of what follows
	}{Stories: []view.Record{}}
	for i, st := range stories {
		if i == view.PerPage {
			list.Next = "/api/stories" + f.Address(f.Page + 1)[1:]
			break
		}
		list.Stories = append(list.Stories, view.NewRecord(st))
	}
	return list, nil
}

func (s *site) apiStory(r *http.Request) (any, error) {
	st, found, err := s.Story(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !found || len(st.Items) == 0 {
		return nil, missing("no story of that id")
	}
	return view.NewFullRecord(st), nil
}

func (s *site) apiOutlets(*http.Request) (any, error) {
	stories, err := s.survey()
	return view.NewOutlets(stories, s.feedStatus()), err
}

func (s *site) apiOutlet(r *http.Request) (any, error) {
	p, found, err := s.outletOf(r)
	if err == nil && !found {
		return nil, missing("no outlet of that name")
	}
	return p, err
}

func (s *site) apiAgencies(*http.Request) (any, error) {
	stories, err := s.survey()
	return view.NewAgencies(stories), err
}

func (s *site) apiStatus(*http.Request) (any, error) { return s.statusOf() }
