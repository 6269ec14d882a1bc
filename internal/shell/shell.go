// Package shell writes words of a shell's command line, for messages that say what to type.
package shell

import (
	"strings"
	"unicode"
)

// Word is a text as a shell takes it for one word, in quotes if it needs them. An empty text
// stays empty.
func Word(text string) string {
	if strings.ContainsFunc(text, special) {
		return Quoted(text)
	}
	return text
}

func special(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.,=/:", r)
}

// Quoted is a text in single quotes, in which nothing is special to a shell.
func Quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
