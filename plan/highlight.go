package plan

import (
	"html/template"
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// maxHighlighted is the size in bytes of the largest script with colors. A larger one has
// mostly rows.
const maxHighlighted = 512 << 10

// sqlLexer finds what is colored in the scripts of all databases. Their words are in upper
// case, and names are in quotes. The library's own lexers are read whenever a program starts.
func sqlLexer() chroma.Lexer {
	return chroma.MustNewLexer(&chroma.Config{Name: "script"}, func() chroma.Rules {
		return chroma.Rules{"root": {
			{Pattern: `--[^\n]*`, Type: chroma.Comment},
			{Pattern: `'(?:[^']|'')*'`, Type: chroma.String},
			{Pattern: "\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`", Type: chroma.Name},
			{Pattern: `\b[A-Z][A-Z_]+\b`, Type: chroma.Keyword},
			{Pattern: `\b[0-9]+(?:\.[0-9]+)?\b`, Type: chroma.Number},
			{Pattern: `\w+|\s+|.`, Type: chroma.Text},
		}}
	})
}

// highlighted is a script as HTML, with a class for what is colored.
func highlighted(script string) (template.HTML, error) {
	if len(script) > maxHighlighted {
		return template.HTML(template.HTMLEscapeString(script)), nil
	}
	tokens, err := sqlLexer().Tokenise(nil, script)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, t := range tokens.Tokens() {
		text := template.HTMLEscapeString(t.Value)
		if class := classOf(t.Type); class != "" {
			text = `<span class="` + class + `">` + text + `</span>`
		}
		b.WriteString(text)
	}
	return template.HTML(b.String()), nil
}

// classOf is the class in the style of a page, or empty.
func classOf(t chroma.TokenType) string {
	switch t {
	case chroma.Comment:
		return "c"
	case chroma.String:
		return "s"
	case chroma.Keyword:
		return "k"
	case chroma.Number:
		return "m"
	default:
		return ""
	}
}
