package lines

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

type question struct{ ID, Word string }

func TestAnswerKeepsOrderAndCount(t *testing.T) {
	in := "{\"id\":\"a\",\"word\":\"x<y\"}\n\n[1]\n{\"id\":\"b\",\"word\":\"two\"}"
	want := "\"a:x<y\"\n{\"error\":\"json: cannot unmarshal JSON array into Go lines.question\"}\n\"b:two\"\n"
	for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "byte by byte": iotest.OneByteReader(strings.NewReader(in)), "end with data": iotest.DataErrReader(strings.NewReader(in))} {
		var out bytes.Buffer
		err := Answer(r, &out, func(q question) string { return q.ID + ":" + q.Word })
		got := strings.Replace(out.String(), "unable to", "cannot", 1) // the JSON package draws which of the two it says
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestLongLines(t *testing.T) {
	in := io.MultiReader(
		strings.NewReader(`"`), io.LimitReader(endless{}, 3<<20), strings.NewReader("\"\n"),
		strings.NewReader(`"`), io.LimitReader(endless{}, MaxLine), strings.NewReader("\"\n"),
		strings.NewReader(`"short"`))
	var out bytes.Buffer
	if err := Answer(in, &out, func(s string) int { return len(s) }); err != nil {
		t.Fatal(err)
	}
	if want := "3145728\n{\"error\":\"line over 64 MiB\"}\n5\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestReadErrorEndsIt(t *testing.T) {
	r := io.MultiReader(strings.NewReader("\"a\"\n"), iotest.ErrReader(io.ErrClosedPipe))
	var out bytes.Buffer
	if err := Answer(r, &out, func(s string) string { return s }); err == nil || out.String() != "\"a\"\n" {
		t.Errorf("got %q and error %v, want the first answer and an error", out.String(), err)
	}
}
