package byline

import "testing"

func TestIs(t *testing.T) {
	for text, want := range map[string]bool{
		"By Ann Miller": true, "VON ANNA MÜLLER UND JAN DE VRIES": true, "A cura di Maria Rossi": true, "Fot. Jan Kowalski / Herald": true,
		"By noon the lake had risen": false, "By Ann": false, "By Ann Miller?": false, "Ann Miller": false, "Bye Ann Miller": false,
	} {
		if got := Is(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

func TestContact(t *testing.T) {
	for text, want := range map[string]bool{
		"Write to desk@herald.example.": true, "ann@herald.example, 12 Pier Road": true, "@herald.example": false, "Follow @herald": false, "desk@herald": false, "": false,
	} {
		if got := Contact(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}
