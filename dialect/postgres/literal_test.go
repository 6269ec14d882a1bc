package postgres_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/rowsource"
)

// corpus has texts that a literal, a client, a COPY or a setting could change.
func corpus() []string {
	texts := []string{"", " ", "'", "''", `\`, `\\`, `\'`, `\N`, `\.`, "\n\\.\n", "a\n\\.\nb", `\x41`, `E'\x41'`, `\u0041`, "\x01\x02\x1b\x7f", "\t\b\v\f\r\n", "\u0085\u00a0\u200b\u2028\ufeff",
		"\U0010FFFF", "😀", "e\u0301", "NULL", "$$", "$1", ":name", ":'x'", "--", "/*", ";", "a'; DROP TABLE t; --", strings.Repeat(`\`, 999), "\uFFFD"}
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("'\\nrtNxuE.\n\r\t\x01\x1f\x7f \"$:;é😀\u2028\uFFFD0a")
	for range 300 {
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		texts = append(texts, b.String())
	}
	return texts
}

// TestTextsComeBack: texts are read back unchanged, both from COPY and from literals with
// either value of standard_conforming_strings.
func TestTextsComeBack(t *testing.T) {
	onEach(t, func(c client) {
		d := postgres.New()
		for _, setting := range []string{"on", "off"} {
			conn := c.conn("SET standard_conforming_strings = "+setting, "SET escape_string_warning = off")
			for _, s := range corpus() {
				literal := d.Literal(rowsource.Text(s))
				if strings.ContainsAny(literal, "\n\r") {
					c.Errorf("%q is written on more than one line", s)
				}
				var got string
				if err := conn.QueryRowContext(context.Background(), "SELECT "+literal+"::text").Scan(&got); err != nil || got != s {
					c.Errorf("standard_conforming_strings = %s: %q came back as %q (%v)", setting, s, got, err)
				}
			}
		}
		rows := make([][]any, 0, len(corpus()))
		for i, s := range corpus() {
			rows = append(rows, []any{i, s})
		}
		r := request("doc_1")
		r.Source = rowsource.Rows("service", []string{"n", "v"}, rows)
		c.upload(r)
		for i, s := range corpus() {
			var got string
			if err := c.other.QueryRow("SELECT v FROM t WHERE n = $1::int::text", i).Scan(&got); err != nil || got != s {
				c.Errorf("loaded %q, and %q came back (%v)", s, got, err)
			}
		}
	})
}
