package rowsource

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Form is how the texts of one column are written, if not as a database reads them. Text
// that is not written so is refused. NULL stays NULL.
type Form struct {
	// Trim drops white space around a value.
	Trim bool `json:"trim,omitempty"`
	// EmptyIsNull takes the empty text for NULL, also in quotes.
	EmptyIsNull bool `json:"empty_is_null,omitempty"`
	// Dates is how dates are written, with YYYY, MM, DD, and hh, mm, ss for times; M, D
	// and h may have one digit or two. They become YYYY-MM-DD, with the time if there is
	// one.
	Dates string `json:"dates,omitempty"`
	// Booleans are the texts that mean true and false. They become 1 and 0.
	Booleans []string `json:"booleans,omitempty"`
	// Truth has the usual words for true and false become 1 and 0; see [Truth]. Other texts
	// stay as they are.
	Truth bool `json:"truth,omitempty"`
	// Decimal is the character before decimal places. Digits may be in groups of three.
	Decimal string `json:"decimal,omitempty"`
}

// Check is an error if the form can't be followed.
func (f Form) Check() error {
	given := 0
	for _, is := range []bool{f.Dates != "", len(f.Booleans) > 0, f.Decimal != ""} {
		if is {
			given++
		}
	}
	_, err := dateLayout(f.Dates)
	switch {
	case given > 1:
		return errors.New("a value can be a date, a boolean or a number, and not two of them")
	case f.Dates != "" && err != nil:
		return err
	case len(f.Booleans) > 0 && (len(f.Booleans) != 2 || f.Booleans[0] == f.Booleans[1]):
		return errors.New("booleans needs two texts: the one for true and the one for false")
	case f.Decimal != "" && f.Decimal != "," && f.Decimal != ".":
		return fmt.Errorf("the decimal character is %q; it may be a comma or a point", f.Decimal)
	}
	return nil
}

// function converts a text.
func (f Form) function() func(string) (string, error) {
	switch {
	case f.Dates != "":
		layout, _ := dateLayout(f.Dates)
		return func(s string) (string, error) { return toDate(s, f.Dates, layout) }
	case len(f.Booleans) == 2:
		return func(s string) (string, error) { return toBoolean(s, f.Booleans) }
	case f.Decimal != "":
		written := decimalNumber(f.Decimal)
		return func(s string) (string, error) { return toNumber(s, f.Decimal, written) }
	case f.Truth:
		return func(s string) (string, error) {
			if is, ok := Truth(s); ok {
				return is, nil
			}
			return s, nil
		}
	default:
		return func(s string) (string, error) { return s, nil }
	}
}

// Truth is "1" for the words true, t, yes, y, on and 1, and "0" for false, f, no, n, off and
// 0, in either case. For other texts ok is false.
func Truth(s string) (is string, ok bool) {
	if len(s) > len("false") {
		return "", false
	}
	switch strings.ToLower(s) {
	case "true", "t", "yes", "y", "on", "1":
		return "1", true
	case "false", "f", "no", "n", "off", "0":
		return "0", true
	}
	return "", false
}

// dateLayout is a form of dates in the words of package time.
func dateLayout(form string) (string, error) {
	names := []string{"YYYY", "2006", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05", "M", "1", "D", "2", "h", "15"}
	layout := strings.NewReplacer(names...).Replace(form)
	for i := 0; i < len(names); i += 2 {
		form = strings.ReplaceAll(form, names[i], "")
	}
	if strings.ContainsFunc(form, func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' && r != 'T' && r != 'Z'
	}) {
		return "", fmt.Errorf("dates can't be read as written here (%q is not understood): write YYYY, MM, DD, hh, mm and ss with what stands between them, such as DD/MM/YYYY", form)
	}
	if !strings.Contains(layout, "2006") || !strings.Contains(layout, "1") || !strings.Contains(layout, "2") {
		return "", errors.New("dates need a year of four digits, a month and a day: write YYYY, MM and DD, such as DD/MM/YYYY")
	}
	return layout, nil
}

func toDate(s, form, layout string) (string, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return "", fmt.Errorf("it is no date that is written as %s", form)
	}
	if strings.Contains(layout, "15") {
		return t.Format(time.DateTime), nil
	}
	return t.Format(time.DateOnly), nil
}

func toBoolean(s string, words []string) (string, error) {
	switch {
	case strings.EqualFold(s, words[0]):
		return "1", nil
	case strings.EqualFold(s, words[1]):
		return "0", nil
	default:
		return "", fmt.Errorf("it is neither %q nor %q, which mean true and false in this column", words[0], words[1])
	}
}

// decimalNumber matches a number with a decimal character. Its groups are the sign, the
// whole digits and the decimal places.
func decimalNumber(decimal string) *regexp.Regexp {
	group := map[string]string{",": `.`, ".": `,`}[decimal]
	return regexp.MustCompile(`^([+-]?)([0-9]+|[0-9]{1,3}(?:[` + group + `][0-9]{3})+|[0-9]{1,3}(?:[' \x{a0}\x{202f}][0-9]{3})+)(?:` + regexp.QuoteMeta(decimal) + `([0-9]+))?$`)
}

func toNumber(s, decimal string, written *regexp.Regexp) (string, error) {
	m := written.FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf("it is no number with %q before its decimal places", decimal)
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, m[2])
	out := strings.TrimPrefix(m[1], "+") + digits
	if m[3] != "" {
		out += "." + m[3]
	}
	return out, nil
}

// formedReader converts the texts of columns.
type formedReader struct {
	Reader
	source string
	values []Value
	forms  []columnForm
}

type columnForm struct {
	place   int
	name    string
	form    Form
	convert func(string) (string, error)
}

func formed(name string, r Reader, forms map[string]Form) (Reader, error) {
	if len(forms) == 0 || len(r.Columns()) == 0 {
		return r, nil
	}
	out := &formedReader{Reader: r, source: name, values: make([]Value, len(r.Columns()))}
	for _, column := range slices.Sorted(maps.Keys(forms)) {
		place := slices.Index(r.Columns(), column)
		err := forms[column].Check()
		if place < 0 {
			err = fmt.Errorf("there is no such column; there are %s", quotedList(r.Columns()))
		}
		if err != nil {
			r.Close()
			return nil, fmt.Errorf("read the values of the column %q of %s: %w", column, name, err)
		}
		out.forms = append(out.forms, columnForm{place, column, forms[column], forms[column].function()})
	}
	return out, nil
}

func (r *formedReader) Next() (Row, error) {
	row, err := r.Reader.Next()
	if err != nil {
		return row, err
	}
	var bad []*CellError
	for i := range r.forms {
		f := &r.forms[i]
		is := row.Values[f.place]
		converted, err := f.value(is)
		if err != nil {
			bad = append(bad, &CellError{Source: r.source, Line: row.Line, Column: f.name, Value: is.String(), Err: err})
			continue
		}
		if converted == is {
			continue
		}
		if row.written == nil {
			copy(r.values, row.Values)
			row.Values, row.written = r.values, row.Values
		}
		r.values[f.place] = converted
	}
	if bad != nil {
		return Row{}, &RowError{Cells: bad}
	}
	return row, nil
}

// value converts a value. Values that are no texts stay as they are.
func (f *columnForm) value(v Value) (Value, error) {
	if v.kind != KindText {
		return v, nil
	}
	s := v.str
	if f.form.Trim {
		s = strings.TrimSpace(s)
	}
	if s == "" && f.form.EmptyIsNull {
		return Null(), nil
	}
	converted, err := f.convert(s)
	return Text(converted), err
}

// String says in a few words how a file is read that is not read by its name alone; it
// is "" for the zero Options.
func (o Options) String() string {
	var says []string
	add := func(given bool, format string, args ...any) {
		if given {
			says = append(says, fmt.Sprintf(format, args...))
		}
	}
	add(o.Encoding != "", "encoding %s", o.Encoding)
	add(o.Delimiter != "", "delimiter %q", o.Delimiter)
	add(o.Quote != "", "quotes %s", o.Quote)
	add(len(o.Null) > 0, "NULL is %s", quotedList(o.Null))
	add(o.NullQuoted, "NULL is also the empty text in quotes, where a column is no text")
	add(o.Decimal != "", "decimal %q", o.Decimal)
	add(o.Sheet != "", "sheet %q", o.Sheet)
	add(o.Range != "", "range %s", o.Range)
	add(o.HeaderRow > 0, "header in row %d", o.HeaderRow)
	add(o.Missing != "", "missing members: %s", o.Missing)
	add(o.Skip > 0, "without the first %s", plural(o.Skip, "line"))
	add(o.NoHeader, "without a header")
	add(o.SkipLast > 0, "without the last %s", plural(o.SkipLast, "row"))
	add(o.SkipEmptyRows, "without empty rows")
	add(o.NormalizeHeaders, "names in lower case with _")
	for _, from := range slices.Sorted(maps.Keys(o.Renames)) {
		add(true, "%q is %q", from, o.Renames[from])
	}
	for _, name := range o.Ignore {
		add(true, "without %q", name)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Const)) {
		add(true, "%q is always %s", name, Text(o.Const[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Forms)) {
		add(true, "%q %s", name, o.Forms[name])
	}
	add(!o.LeaveOut.IsZero(), "without bad rows")
	return strings.Join(says, ", ")
}

func (f Form) String() string {
	var says []string
	if f.Trim {
		says = append(says, "trimmed")
	}
	if f.EmptyIsNull {
		says = append(says, `NULL where it is ""`)
	}
	if f.Dates != "" {
		says = append(says, "with dates as "+f.Dates)
	}
	if len(f.Booleans) == 2 {
		says = append(says, fmt.Sprintf("with %q for true and %q for false", f.Booleans[0], f.Booleans[1]))
	}
	if f.Truth {
		says = append(says, "with the usual words for true and false")
	}
	if f.Decimal != "" {
		says = append(says, fmt.Sprintf("with %q before decimal places", f.Decimal))
	}
	return cmp.Or(strings.Join(says, ", "), "as it stands")
}
