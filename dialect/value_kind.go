package dialect

// ValueKind is what the values of a column are, as far as it matters to the texts of a
// file.
type ValueKind string

// The kinds of values. OtherValues are those that are none of the others, and no text.
const (
	TextValues      ValueKind = "text"
	NumberValues    ValueKind = "number"
	DateValues      ValueKind = "date"
	TimestampValues ValueKind = "timestamp"
	BooleanValues   ValueKind = "boolean"
	OtherValues     ValueKind = "other"
)

// ValueTyper is a family that knows what its columns hold.
type ValueTyper interface {
	// ValueKind is that of a column of t. If it cannot tell, it is TextValues.
	ValueKind(t Table, c Column) ValueKind
}

// KindOfValues asks the dialect, or says that the column holds text.
func KindOfValues(d Dialect, t Table, c Column) ValueKind {
	if typer, ok := As[ValueTyper](d); ok {
		return typer.ValueKind(t, c)
	}
	return TextValues
}
