package shell

import (
	"os/exec"
	"testing"
)

// TestWord has a shell read words back.
func TestWord(t *testing.T) {
	for _, text := range []string{"people", "a.b-c_d", "Größe", "x y", "it's", `"q"`, "$HOME", "`id`", "a\nb", "{a,b}", "~", "*", "!x", "a;b", "\\", "'"} {
		for _, word := range []string{Word(text), Quoted(text)} {
			out, err := exec.Command("sh", "-c", "printf %s "+word).Output()
			if err != nil || string(out) != text {
				t.Errorf("%q as %s: %q, %v", text, word, out, err)
			}
		}
	}
	if got := Word("people_2.v-1"); got != "people_2.v-1" {
		t.Errorf("a plain word: %s", got)
	}
}
