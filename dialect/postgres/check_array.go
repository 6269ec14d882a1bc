package postgres

import (
	"strings"

	"github.com/tablesnap/tablesnap/rowsource"
)

// arraySuffix ends the type of an array. An array of arrays has the same type.
const arraySuffix = "[]"

// maxDimensions is how many arrays can be inside one another.
const maxDimensions = 6

// array checks the form of an array, and its elements as if each had a column of its own
// (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO). It leaves an array with
// bounds of its own, such as [0:1]={a,b}, to the server.
func (c typeCheck) array() valueCheck {
	element := typeCheck{columnType{strings.TrimSuffix(c.base, arraySuffix), c.args}, c.declared, c.members}
	check := element.function()
	if check == nil {
		check = func(rowsource.Value) error { return nil }
	}
	return func(v rowsource.Value) error {
		s := strings.Trim(fieldText(v), blanks)
		if strings.HasPrefix(s, "[") && strings.Contains(s, "]=") {
			return nil
		}
		p := arrayText{rest: s, each: func(e string) error { return element.within(check, e) }}
		if why, err := p.read(); err != nil || why != "" {
			if err != nil {
				return err
			}
			return c.refuse(why)
		}
		return nil
	}
}

// within checks a part of a value. There, the server reads numbers as they are written: 1.0
// is no integer.
func (c typeCheck) within(check valueCheck, part string) error {
	if c.family() == familyInteger && strings.ContainsAny(part, ".eE") {
		return c.refuse("has a part that is no whole number in digits")
	}
	if err := check(rowsource.Text(part)); err != nil {
		return err
	}
	return nil
}

// blanks are those that the server skips.
const blanks = " \t\n\v\f\r"

// arrayText reads an array.
type arrayText struct {
	rest string
	each func(element string) error
	// sizes are the lengths of the arrays that have been read, by how many are around them,
	// or 0 if none has been.
	sizes [maxDimensions]int
	// deepest is how many arrays are around an element, or 0 before the first one.
	deepest int
}

const (
	noArray     = "is no array of the form {a,b}"
	raggedArray = "has arrays of different lengths in it"
)

// read says what is wrong with the form. The error is that of an element.
func (p *arrayText) read() (why string, err error) {
	if why, err = p.array(0); why == "" && err == nil && p.rest != "" {
		why = noArray
	}
	return why, err
}

func (p *arrayText) array(depth int) (why string, err error) {
	if depth == maxDimensions || !p.take('{') {
		return noArray, nil
	}
	if depth == 0 && p.take('}') {
		return "", nil
	}
	size := 0
	for {
		if why, err := p.item(depth + 1); why != "" || err != nil {
			return why, err
		}
		size++
		if p.take('}') {
			break
		}
		if !p.take(',') {
			return noArray, nil
		}
	}
	if p.sizes[depth] != 0 && p.sizes[depth] != size {
		return raggedArray, nil
	}
	p.sizes[depth] = size
	return "", nil
}

// item reads an element, or an array in the array.
func (p *arrayText) item(depth int) (why string, err error) {
	if p.skipBlanks(); strings.HasPrefix(p.rest, "{") {
		if p.deepest == depth {
			return raggedArray, nil
		}
		return p.array(depth)
	}
	if p.deepest != 0 && p.deepest != depth {
		return raggedArray, nil
	}
	p.deepest = depth
	element, quoted, ok := p.element()
	switch {
	case !ok:
		return noArray, nil
	case !quoted && strings.EqualFold(element, "null"):
		return "", nil
	}
	return "", p.each(element)
}

// element reads a text, in quotes or not.
func (p *arrayText) element() (text string, quoted, ok bool) {
	var b strings.Builder
	end := 0 // of the text without the blanks after it
	for p.rest != "" {
		switch c := p.rest[0]; {
		case c == '"':
			if quoted || b.Len() > 0 || !p.quotedText(&b) {
				return "", false, false
			}
			quoted, end = true, b.Len()
			continue
		case c == ',' || c == '}':
			return b.String()[:end], quoted, quoted || end > 0
		case c == '{' || c == '\\' && len(p.rest) < 2 || quoted && !strings.ContainsRune(blanks, rune(c)):
			return "", false, false
		case c == '\\':
			b.WriteByte(p.rest[1])
			p.rest = p.rest[1:]
			end = b.Len()
		default:
			b.WriteByte(c)
			if !strings.ContainsRune(blanks, rune(c)) {
				end = b.Len()
			}
		}
		p.rest = p.rest[1:]
	}
	return "", false, false
}

// quotedText reads a text in quotes. Ok is false if it does not end.
func (p *arrayText) quotedText(b *strings.Builder) (ok bool) {
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; c {
		case '"':
			p.rest = p.rest[i+1:]
			return true
		case '\\':
			if i++; i == len(p.rest) {
				return false
			}
			b.WriteByte(p.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return false
}

func (p *arrayText) skipBlanks() { p.rest = strings.TrimLeft(p.rest, blanks) }

// take skips a character, with the blanks around it.
func (p *arrayText) take(c byte) bool {
	p.skipBlanks()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	p.skipBlanks()
	return true
}
