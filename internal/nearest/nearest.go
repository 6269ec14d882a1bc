// Package nearest finds the name that somebody seems to have meant.
package nearest

import (
	"strings"
	"unicode"
)

// To returns the one of the names that somebody seems to have meant by name. It is empty if
// none or more than one is likely.
func To(name string, names []string) string {
	const mostChanges = 2
	best, least, ties := "", mostChanges+1, 0
	for _, n := range names {
		if plainLetters(n) == plainLetters(name) {
			return n
		}
		a, b := []rune(plainLetters(name)), []rune(plainLetters(n))
		d := distance(a, b)
		if d*3 > max(len(a), len(b)) {
			continue // short names are near to everything
		}
		switch {
		case d < least:
			best, least, ties = n, d, 0
		case d == least:
			ties++
		}
	}
	if ties > 0 {
		return ""
	}
	return best
}

// plainLetters are the letters and digits of a name in lower case: E-Mail is e_mail.
func plainLetters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// distance is how many letters must be changed, added, removed, or swapped with the next.
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
