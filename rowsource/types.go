package rowsource

import (
	"cmp"
	"context"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"
)

// Type is what all values of a column are, so that a column of the type gives each of them
// back as it stands in the source. The zero Type is text.
type Type struct {
	Kind TypeKind `json:"kind,omitempty"`
	// Digits is the most digits that a number has before its decimal places.
	Digits int `json:"digits,omitempty"`
	// Scale is how many decimal places each number has, or each fraction of a second.
	Scale int `json:"scale,omitempty"`
}

// TypeKind is the kind of a [Type].
type TypeKind string

// The kinds of types. Integers have 64 bits. Timestamps have no time zone.
const (
	TypeText      TypeKind = ""
	TypeInteger   TypeKind = "integer"
	TypeDecimal   TypeKind = "decimal"
	TypeReal      TypeKind = "real"
	TypeDate      TypeKind = "date"
	TypeTimestamp TypeKind = "timestamp"
	TypeBoolean   TypeKind = "boolean"
	TypeBytes     TypeKind = "bytes"
)

// maxDigits is the most digits of a decimal that all databases keep.
const maxDigits = 38

// Infer is [Measure] with the types of the columns. Anything doubtful is text: leading
// zeros, a plus sign, exponents, forms that are mixed, a column without values.
//
// The options of the manifest say how the texts of booleans become 1 and 0. If they do, or
// if they say more of the values than those of s, the source is read twice.
func Infer(ctx context.Context, s Source) (Manifest, error) {
	if s == nil {
		return Manifest{}, ErrNoSource
	}
	watched := &inferring{Source: s}
	m, err := Measure(ctx, watched)
	if err != nil {
		return m, err
	}
	types := make([]Type, len(m.Columns))
	o := s.Options()
	o.Forms = maps.Clone(o.Forms)
	for i := range types {
		g := watched.guesses[i]
		types[i] = g.whole()
		name := m.Columns[i].Name
		if form, given := o.Forms[name]; g.sets(&form) && !given {
			if o.Forms == nil {
				o.Forms = make(map[string]Form)
			}
			o.Forms[name] = form
		}
	}
	if len(o.Forms) > len(s.Options().Forms) {
		first := m.SHA256
		if m, err = Measure(ctx, s.With(o)); err != nil {
			return m, err
		}
		if err := changed(m.Name, first, m.SHA256); err != nil {
			return m, err
		}
	}
	for i := range types {
		m.Columns[i].Type = types[i]
	}
	return m, nil
}

// inferring is a source whose rows are looked at as they are read.
type inferring struct {
	Source
	guesses []guess
}

func (s *inferring) Open() (Reader, error) {
	r, err := s.Source.Open()
	if err != nil {
		return nil, err
	}
	o := s.Options()
	s.guesses = make([]guess, len(r.Columns()))
	for i, name := range r.Columns() {
		_, formed := o.Forms[name]
		s.guesses[i] = guess{typed: s.Format().hasTypes(), emptyIsNull: o.NullQuoted && !formed}
		if o.Decimal != "" && !formed {
			s.guesses[i].decimal = o.Decimal
			s.guesses[i].form = Form{Decimal: o.Decimal}.function()
		}
	}
	return &inferringReader{Reader: r, guesses: s.guesses}, nil
}

type inferringReader struct {
	Reader
	guesses []guess
}

func (r *inferringReader) Next() (Row, error) {
	row, err := r.Reader.Next()
	if err == nil {
		for i := range row.Values {
			r.guesses[i].add(&row.Values[i])
		}
	}
	return row, err
}

// guess is what the values of a column have shown so far.
type guess struct {
	// typed states that the format tells numbers from texts.
	typed bool
	// emptyIsNull states that "" is NULL if the column is no text.
	emptyIsNull bool
	// decimal is the character before decimal places, and form reads such numbers. They are
	// zero if numbers stand as databases read them.
	decimal string
	form    func(string) (string, error)

	known, doubtful bool
	// large states that there is a whole number that floating point cannot keep.
	large bool
	// empty states that there is an empty text.
	empty bool
	of    Type
	words [2]string // for true and for false
}

// whole is the type of the whole column.
func (g *guess) whole() Type {
	if !g.known || g.doubtful || g.of.Digits+g.of.Scale > maxDigits {
		return Type{}
	}
	return g.of
}

// sets adds to a form what the type needs, and reports whether it needs anything.
func (g *guess) sets(f *Form) bool {
	t := g.whole()
	if t == (Type{}) {
		return false
	}
	f.EmptyIsNull = f.EmptyIsNull || g.empty
	if t.Kind == TypeBoolean {
		f.Booleans = g.words[:]
	}
	if g.decimal != "" && (t.Kind == TypeInteger || t.Kind == TypeDecimal) {
		f.Decimal = g.decimal
	}
	return f.EmptyIsNull || len(f.Booleans) > 0 || f.Decimal != ""
}

func (g *guess) add(v *Value) {
	if g.doubtful || v.kind == KindNull {
		return
	}
	of, words := Type{}, [2]string{}
	switch v.kind {
	case KindInteger:
		of = Type{Kind: TypeInteger, Digits: digitsIn(v.Int())}
		g.large = g.large || v.Int() > 1<<53 || v.Int() < -1<<53
	case KindReal:
		of = Type{Kind: TypeReal}
	case KindBlob:
		of = Type{Kind: TypeBytes}
	default:
		if v.str == "" && g.emptyIsNull {
			g.empty = true
			return
		}
		of, words = g.text(v.str)
	}
	switch {
	case of.Kind == TypeText:
		g.doubtful = true
	case !g.known:
		g.known, g.of, g.words = true, of, words
	default:
		g.doubtful = !g.meet(of, words)
	}
}

// meet reports whether the column has a type with a further value.
func (g *guess) meet(of Type, words [2]string) bool {
	of.Digits = max(of.Digits, g.of.Digits)
	switch before := g.of.Kind; {
	case before == of.Kind && g.of.Scale == of.Scale && g.words == words:
	case before == TypeInteger && of == (Type{Kind: TypeDecimal, Digits: of.Digits}):
	case before == TypeDecimal && g.of.Scale == 0 && of.Kind == TypeInteger:
		of.Kind = TypeDecimal
	case before == TypeInteger && of.Kind == TypeReal, before == TypeReal && of.Kind == TypeInteger:
		of.Kind, of.Digits = TypeReal, 0
	default:
		return false
	}
	g.of = of
	return of.Kind != TypeReal || !g.large
}

// text is the type of a text. A whole number that is a text in a format with numbers is
// meant as text.
func (g *guess) text(s string) (Type, [2]string) {
	number := s
	if g.form != nil {
		number, _ = g.form(s)
	}
	if t, ok := numberType(number); ok && !(g.typed && t.Scale == 0) {
		return t, [2]string{}
	}
	if t, ok := timeType(s); ok {
		return t, [2]string{}
	}
	if words, ok := booleanWords(s); ok && !g.typed {
		return Type{Kind: TypeBoolean}, words
	}
	return Type{}, [2]string{}
}

// numberType is the type of a number that is written as a database writes it.
func numberType(s string) (Type, bool) {
	whole, places, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	switch {
	case !isDigits(whole), whole[0] == '0' && len(whole) > 1, point && !isDigits(places):
		return Type{}, false
	case s[0] == '-' && strings.Trim(whole+places, "0") == "": // no database keeps the sign
		return Type{}, false
	}
	t := Type{Kind: TypeDecimal, Digits: len(whole), Scale: len(places)}
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		t.Kind = TypeInteger
	}
	return t, true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// timeType is the type of a date or timestamp that is written as a database writes it.
func timeType(s string) (Type, bool) {
	if len(s) < len(time.DateOnly) || s[4] != '-' || s[0] < '1' || s[0] > '9' { // a year before 1000 is not in all databases
		return Type{}, false
	}
	if len(s) == len(time.DateOnly) {
		_, err := time.Parse(time.DateOnly, s)
		return Type{Kind: TypeDate}, err == nil
	}
	whole, fraction, point := strings.Cut(s, ".")
	if _, err := time.Parse(time.DateTime, whole); err != nil || len(whole) != len(time.DateTime) {
		return Type{}, false
	}
	if point && (!isDigits(fraction) || len(fraction) > 6) {
		return Type{}, false
	}
	return Type{Kind: TypeTimestamp, Scale: len(fraction)}, true
}

// booleanWords are the words for true and false if s is one of them. yes, t and 1 are not
// among them: they may mean something else.
func booleanWords(s string) ([2]string, bool) {
	for _, words := range [][2]string{{"true", "false"}, {"True", "False"}, {"TRUE", "FALSE"}} {
		if s == words[0] || s == words[1] {
			return words, true
		}
	}
	return [2]string{}, false
}

func digitsIn(n int64) int {
	if n == math.MinInt64 {
		return 19
	}
	return len(strconv.FormatInt(max(n, -n), 10))
}

// hasTypes reports whether the format tells numbers from texts.
func (f Format) hasTypes() bool {
	return f == FormatGo || f == FormatParquet || f.IsSheet() || f.isJSON()
}

// String is the type in a message.
func (t Type) String() string { return cmp.Or(string(t.Kind), "text") }
