package rowsource

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// timeLayout is what all databases read as a date and time, to the nanosecond.
const timeLayout = "2006-01-02 15:04:05.999999999"

// maxNesting ends pointers that point to themselves.
const maxNesting = 8

// valueOf is the value of a Go value, exactly, or an error.
func valueOf(x any) (Value, error) {
	for range maxNesting {
		if v, ok, err := plainValue(x); ok || err != nil {
			return v, err
		}
		inner, ok, err := unwrap(x)
		if err != nil {
			return Value{}, err
		}
		if !ok {
			return valueByKind(reflect.ValueOf(x))
		}
		x = inner
	}
	return Value{}, fmt.Errorf("a %T is too many pointers or driver.Valuers inside one another: hand over what they hold", x)
}

// plainValue serves the types that need no reflection; ok is false for all others.
func plainValue(x any) (v Value, ok bool, err error) {
	switch x := x.(type) {
	case nil:
		return Null(), true, nil
	case string:
		v, err = text(x)
	case []byte:
		v = blob(x)
	case int:
		v = Integer(int64(x))
	case int64:
		v = Integer(x)
	case float64:
		v, err = realNumber(x)
	case bool:
		v = truth(x)
	case time.Time:
		v, err = timestamp(x)
	case json.Number:
		v, err = number(x)
	case Value:
		v, err = checked(x)
	default:
		return Value{}, false, nil
	}
	return v, true, err
}

// unwrap takes one pointer or Valuer off; ok is false where there is none.
func unwrap(x any) (inner any, ok bool, err error) {
	p := reflect.ValueOf(x)
	isPointer := p.Kind() == reflect.Pointer
	if isPointer && p.IsNil() {
		return nil, true, nil // before its Valuer, whose method may not bear nil
	}
	if valuer, ok := x.(driver.Valuer); ok {
		if inner, err = valuer.Value(); err != nil {
			return nil, false, fmt.Errorf("call the Value method of its %T: %w", x, err)
		}
		return inner, true, nil
	}
	if isPointer {
		return p.Elem().Interface(), true, nil
	}
	return nil, false, nil
}

// valueByKind serves named types by what they are made from.
func valueByKind(x reflect.Value) (Value, error) {
	switch {
	case x.CanInt():
		return Integer(x.Int()), nil
	case x.CanUint():
		if x.Uint() > math.MaxInt64 {
			return Value{}, fmt.Errorf("value %d: it is larger than the largest 64-bit integer of a database: hand it over as a string", x.Uint())
		}
		return Integer(int64(x.Uint())), nil
	case x.CanFloat():
		return realNumber(x.Float())
	case x.Kind() == reflect.String:
		return text(x.String())
	case x.Kind() == reflect.Bool:
		return truth(x.Bool()), nil
	case x.Kind() == reflect.Slice && x.Type().Elem().Kind() == reflect.Uint8:
		return blob(x.Bytes()), nil
	default:
		return Value{}, fmt.Errorf("values of the Go type %s can't be loaded: hand over a string, number, bool, []byte, time.Time or driver.Valuer", x.Type())
	}
}

// isBool reports whether valueOf takes a value for a truth value.
func isBool(x any) bool {
	for range maxNesting {
		inner, ok, err := unwrap(x)
		if !ok || err != nil {
			break
		}
		x = inner
	}
	return reflect.ValueOf(x).Kind() == reflect.Bool
}

func text(s string) (Value, error) {
	if !utf8.ValidString(s) {
		return Value{}, fmt.Errorf("value %s: the string is not UTF-8: hand over bytes that are no text as []byte", Text(s))
	}
	return Text(s), nil
}

// blob takes a nil slice for NULL, as database/sql does.
func blob(b []byte) Value {
	if b == nil {
		return Null()
	}
	return Blob(b)
}

func realNumber(f float64) (Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}, fmt.Errorf("value %v: not all databases can keep it: hand over nil for no value", f)
	}
	return Real(f), nil
}

func truth(b bool) Value {
	if b {
		return Integer(1)
	}
	return Integer(0)
}

func timestamp(t time.Time) (Value, error) {
	t = t.UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return Value{}, fmt.Errorf("value %s: the year does not have four digits: hand the time over as a string", t)
	}
	return Text(t.Format(timeLayout)), nil
}

// number keeps an integer as such, and everything else as it is written: a
// float64 could lose digits, and the database knows the type of the column.
func number(n json.Number) (Value, error) {
	if i, err := n.Int64(); err == nil && strconv.FormatInt(i, 10) == n.String() {
		return Integer(i), nil
	}
	if c := n.String(); c == "" || c[0] != '-' && (c[0] < '0' || c[0] > '9') || !json.Valid([]byte(c)) {
		return Value{}, fmt.Errorf("value %s: it is no number of JSON", Text(c))
	}
	return Text(n.String()), nil
}

// checked holds a Value that was handed over to the rules for Go values.
func checked(v Value) (Value, error) {
	switch v.kind {
	case KindText:
		return text(v.str)
	case KindReal:
		return realNumber(v.Float())
	case KindNull, KindInteger, KindBlob:
		return v, nil
	default:
		return Value{}, errors.New("a Value of no known kind: make it with Text, Integer, Real, Blob or Null")
	}
}
