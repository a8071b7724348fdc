package page

import (
	"reflect"
	"testing"
)

// FuzzSimple: what is taken without a tokeniser gives the blocks that the tokeniser gives.
func FuzzSimple(f *testing.F) {
	for _, s := range []string{
		"The ferry left.", "R&amp;D &lt;b&gt; &copy 1 &#13;\r\n x", "a < b", "<", "</", "<p", "<p>", "</p >", "<br/>one<br />two<hr/>", "<p/>one",
		`<p class="x" id="y">One <a href="/a>b" title='q'>two</a></p><blockquote><p>Three</p></blockquote>`, `<a href="x"title="y">link</a> text`, `<a "b" c="d">e</a>`,
		`<a b="c/">link</a>`, "<script>x</script>y", "<style>x", "<plaintext>a<p>b", "<title>t</title>x", "<nav>menu<p>One", "<P>one</P>", "<p\n>x", "<!-- a --><p>b", "<?x?>y", "</>z",
		"<figure><figcaption>A ferry</figcaption></figure><ul><li>One<li>Two</ul>", "<table><tr><td>a</td><td>b</td></tr></table>", "a\x00b<p>c\x00", "<ruby>x<rt>y</rt></ruby>", "<o:p>x</o:p>",
		"<h2>Head</h2>one<br><br>two<br>three", "<p a>b", `<p a = "b">c`, `<p a="b>c`, "<wbr>x", "<unknown>x</unknown>", `<p a1="b">c`, `<p/ a="b">c`, `<p a="b" / >c`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var c cutter
		if !c.simple(s) {
			return
		}
		c.end()
		if want := tokenised(s); !reflect.DeepEqual(c.blocks, want) {
			t.Errorf("%q: got %+v, want %+v", s, c.blocks, want)
		}
	})
}
