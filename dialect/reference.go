package dialect

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/internal/shell"
)

// Reference is a user's way of naming a table: a name or display name, with or without a
// schema.
type Reference struct {
	// Schema is the zero Word if the user gave none.
	Schema, Name Word
}

// Word is one part of a reference.
type Word struct {
	Text string
	// Quoted states that the text is the exact name, and not a display name.
	Quoted bool
}

// Named refers to a table by its exact name.
func Named(name string) Reference { return Reference{Name: Word{Text: name, Quoted: true}} }

// Spellings are the names that the word may stand for, the most likely first. A new table
// gets the last one.
func (w Word) Spellings() []string {
	if display := TableName(w.Text); !w.Quoted && display != w.Text {
		return []string{w.Text, display}
	}
	return []string{w.Text}
}

// Made is the name that a new table gets.
func (w Word) Made() string {
	s := w.Spellings()
	return s[len(s)-1]
}

// Refers reports whether r may refer to the table.
func (r Reference) Refers(to Ident) bool {
	return r.Name.is(to.Name) && (r.Schema == Word{} || r.Schema.is(to.Schema))
}

// Same reports whether two references may mean the same table.
func (r Reference) Same(other Reference) bool {
	return r.Name.same(other.Name) && (r.Schema == Word{} || other.Schema == Word{} || r.Schema.same(other.Schema))
}

func (w Word) same(other Word) bool {
	if w.Quoted || other.Quoted {
		return w.is(other.Made()) || other.is(w.Made())
	}
	return TableName(w.Text) == TableName(other.Text)
}

func (w Word) is(name string) bool {
	for _, s := range w.Spellings() {
		if s == name {
			return true
		}
	}
	return false
}

// endOf is the character that closes a name opened by quote, or 0 if quote is no quote.
func endOf(quote byte) byte {
	switch quote {
	case '"', '`':
		return quote
	case '[':
		return ']'
	}
	return 0
}

// ParseReference reads name or schema.name. Either part may be in the quotes of SQL
// ("name", `name`, [name]); a quote inside is doubled. A dot in a name must be in quotes.
//
// The error is a *NameError.
func ParseReference(text string) (Reference, error) {
	first, rest, err := nextWord(text)
	if err != nil {
		return Reference{}, &NameError{Table: text, Message: err.Error(), Quoted: Quoted(text)}
	}
	if rest == "" && first.Made() == "" {
		return Reference{}, &NameError{Table: text, Message: "it names none; give the table's name"}
	}
	if rest == "" {
		return Reference{Name: first}, nil
	}
	second, rest, err := nextWord(rest[1:])
	if err != nil {
		return Reference{}, &NameError{Table: text, Message: err.Error(), Quoted: Quoted(text)}
	}
	if rest != "" || first.Text == "" || second.Text == "" {
		return Reference{}, &NameError{Table: text, Message: "a table is NAME or SCHEMA.NAME; " + putInQuotes, Quoted: Quoted(text)}
	}
	return Reference{Schema: first, Name: second}, nil
}

// nextWord reads one part. The rest is empty or begins with a dot.
func nextWord(text string) (w Word, rest string, err error) {
	if text == "" || endOf(text[0]) == 0 {
		dot := strings.IndexByte(text, '.')
		if dot < 0 {
			return Word{Text: text}, "", nil
		}
		return Word{Text: text[:dot]}, text[dot:], nil
	}
	end := string(endOf(text[0]))
	var name strings.Builder
	for rest := text[1:]; ; {
		before, after, closed := strings.Cut(rest, end)
		name.WriteString(before)
		switch {
		case !closed:
			return w, "", errors.New("it begins with a quote that nothing closes; " + putInQuotes)
		case strings.HasPrefix(after, end):
			name.WriteString(end)
			rest = after[len(end):]
		case after == "" || after[0] == '.':
			return Word{Text: name.String(), Quoted: true}, after, nil
		default:
			return w, "", errors.New("something follows the quote that closes it; " + putInQuotes)
		}
	}
}

// Spelled is a text that [ParseReference] reads as the table with this name, without
// quotes if possible.
func Spelled(name string) string {
	if name != "" && endOf(name[0]) == 0 && !strings.Contains(name, ".") {
		return name
	}
	return Quoted(name)
}

// Quoted is a text that [ParseReference] reads as this exact name, and not as a display
// name.
func Quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// ShellWord is a word of a shell's command line that [ParseReference] reads as the table
// with this name.
func ShellWord(name string) string { return shell.Word(Spelled(name)) }

const putInQuotes = "if that is the name itself, put it in quotes"

// Namesakes are the tables that the user may have meant by a name that no table has.
type Namesakes struct {
	// Here are tables of the schema whose names differ only in case.
	Here []Ident
	// Elsewhere are tables of other schemas with the same name in any case, if the user
	// may see them.
	Elsewhere []Ident
	// Beside are the names of the schema's tables that have nearly as many characters as the
	// missing one.
	Beside []string
	// Chosen states that the user chose the schema for the new table. Tables elsewhere
	// then do not block its creation.
	Chosen bool
	// Reach says how to connect to a table elsewhere.
	Reach string
}

// NearlyAsLong are the lengths, in characters, of names that differ in one or two of them.
func NearlyAsLong(name string) (shortest, longest int) {
	n := utf8.RuneCountInString(name)
	return n - 2, n + 2
}

// NameError says why a table's name cannot be used. Nothing has been changed.
type NameError struct {
	Table, Message string
	// Quoted is the text in quotes (see [Quoted]), if the user may have meant it as an
	// exact name.
	Quoted string
}

func (e *NameError) Error() string { return fmt.Sprintf("find the table %q: %s", e.Table, e.Message) }

// NoSchema is the error for a schema that does not exist. What is the family's word for
// schema.
func NoSchema(r Reference, what string) error {
	e := &NameError{Table: r.text(), Message: fmt.Sprintf("there is no %s %q", what, r.Schema.Text)}
	if !r.Schema.Quoted && !r.Name.Quoted {
		e.Message += "; " + putInQuotes
		e.Quoted = Quoted(r.text())
	}
	return e
}

// OtherSchema is the error for a table in a schema other than the one where this
// connection keeps the ledger. How says how to connect to that schema.
func OtherSchema(r Reference, what, present, how string) error {
	return &NameError{Table: r.text(), Message: fmt.Sprintf("it is in the %s %q, and this connection is to %q, whose tables alone the backup and the history here are about; %s",
		what, r.Schema.Text, present, how)}
}

func (r Reference) text() string {
	if r.Schema.Text == "" {
		return r.Name.Text
	}
	return r.Schema.Text + "." + r.Name.Text
}
