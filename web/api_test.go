package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	"copytaster"
	"copytaster/web/view"
)

// TestAPIKeepsItsWord holds every answer to openapi.json, and asks for everything that it describes.
func TestAPIKeepsItsWord(t *testing.T) {
	spec, err := files.ReadFile("assets/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for path := range doc.Paths.Map() {
		left[path] = true
	}
	hostile := New(source(readStories(t, "hostile.json")), Options{})
	for _, h := range []http.Handler{site0(t), hostile, New(source(nil), Options{})} {
		for _, path := range []string{
			"/api/stories", "/api/stories?agency=AFP&sort=largest&days=7&page=1", "/api/stories?q=fault", "/api/stories/5d1f0c8a9b3e7742", "/api/stories/none", "/api/stories/fault",
			"/api/outlets", "/api/outlet?name=Harbour+Courier", "/api/outlet?name=Nobody", "/api/agencies", "/api/status", "/api/exports",
		} {
			req := httptest.NewRequest("GET", path, nil)
			route, params, err := router.FindRoute(req)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			delete(left, route.Path)
			w := ask(h, "GET", path)
			in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route}
			if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes()))})
			if err != nil || strings.Contains(w.Body.String(), "secrets") {
				t.Errorf("%s: got %d, %v\n%.1000s", path, w.Code, err, w.Body)
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("described but never asked for: %v", left)
	}
}

// TestAPIPages walks through the pages as a program would.
func TestAPIPages(t *testing.T) {
	h := New(source(many(100)), Options{})
	seen := map[string]bool{}
	path := "/api/stories?sort=largest"
	for path != "" {
		w := ask(h, "GET", path)
		var got struct {
			Stories []view.Record
			Next    string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || len(got.Stories) == 0 {
			t.Fatalf("%s: got %d, %v", path, w.Code, err)
		}
		for _, s := range got.Stories {
			seen[s.ID] = true
		}
		path = got.Next
	}
	if len(seen) != 100 {
		t.Errorf("got %d stories, want 100", len(seen))
	}
}

func TestAPIErrors(t *testing.T) {
	h := site0(t)
	if w := ask(h, "GET", "/api/openapi.json"); w.Code != 200 || !json.Valid(w.Body.Bytes()) || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		t.Errorf("the description: got %d %v", w.Code, w.Header())
	}
	for path, want := range map[string]int{"/api/": 404, "/api/none": 404, "/api/stories/none": 404, "/api/stories?q=fault": 500} {
		if w := ask(h, "GET", path); w.Code != want || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: got %d %s, want %d as JSON", path, w.Code, w.Body, want)
		}
	}
	etag := ask(h, "GET", "/api/agencies").Header().Get("ETag")
	if w := ask(h, "GET", "/api/agencies", "If-None-Match", etag); w.Code != 304 {
		t.Errorf("again: got %d", w.Code)
	}
	src := source(nil)
	src.Brief = func(view.Query) ([]copytaster.Story, error) { return nil, errors.New("the disk is full of secrets") }
	for _, path := range []string{"/api/stories", "/api/outlets", "/api/outlet?name=x", "/api/agencies", "/api/status"} {
		if w := ask(New(src, Options{}), "GET", path); w.Code != 500 || strings.Contains(w.Body.String(), "secrets") {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
}
