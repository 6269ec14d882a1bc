package rowsource

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// KeyFault says why columns of a source do not tell its rows apart: a row has no value in
// one of them, or two rows have the same values.
type KeyFault struct {
	// Lines are those of the two rows with the same key, or the one of the row without a
	// value.
	Lines []int
	// Key shows the key's values. It is empty if a value is missing.
	Key string
	// Missing is the column without a value.
	Missing string
}

// FindKeyFault reads the source once and returns the first fault of a key, or nil. Keys are
// the same if the source writes them in the same way: what else a database takes for the
// same, it finds itself. It needs little memory, however many rows there are.
func FindKeyFault(ctx context.Context, s Source, key []string) (*KeyFault, error) {
	scan := keyScan{ctx: ctx, source: s, key: key}
	seen := newKeySorter()
	defer seen.close()
	var fault *KeyFault
	err := scan.rows(func(line int, values []Value) (more bool, err error) {
		for i, v := range values {
			if v.IsNull() {
				fault = &KeyFault{Lines: []int{line}, Missing: key[i]}
				return false, nil
			}
		}
		return true, seen.add(keyOf(line, values))
	})
	if err != nil || fault != nil {
		return fault, err
	}
	first, second, err := seen.same()
	if err != nil || second == 0 {
		return nil, err
	}
	err = scan.rows(func(line int, values []Value) (bool, error) {
		if line != second {
			return true, nil
		}
		shown := make([]string, len(values))
		for i, v := range values {
			shown[i] = v.String()
		}
		fault = &KeyFault{Lines: []int{first, second}, Key: strings.Join(shown, ", ")}
		return false, nil
	})
	return fault, err
}

// keyScan reads the key of each row.
type keyScan struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one search
	source Source
	key    []string
}

func (k keyScan) rows(each func(line int, values []Value) (more bool, err error)) error {
	r, err := k.source.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	places := make([]int, len(k.key))
	for i, name := range k.key {
		if places[i] = slices.Index(r.Columns(), name); places[i] < 0 {
			return nil // an empty file names no columns
		}
	}
	values := make([]Value, len(places))
	for n := 0; ; n++ {
		if n%1024 == 0 && k.ctx.Err() != nil {
			return fmt.Errorf("read the keys of %s: %w", k.source.Name(), context.Cause(k.ctx))
		}
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, p := range places {
			values[i] = row.Values[p]
		}
		if more, err := each(row.Line, values); err != nil || !more {
			return err
		}
	}
}

// keyBytes is the size of a key's hash. So many bits are never the same by chance.
const keyBytes = 16

// hashedKey is a row's key, and its line.
type hashedKey struct {
	Hash [keyBytes]byte
	Line uint64
}

func keyOf(line int, values []Value) hashedKey {
	var text []byte
	for _, v := range values {
		text = append(text, byte(v.kind))
		text = binary.BigEndian.AppendUint64(text, v.num)
		text = binary.BigEndian.AppendUint64(text, uint64(len(v.str)))
		text = append(text, v.str...)
	}
	sum := sha256.Sum256(text)
	k := hashedKey{Line: uint64(line)}
	copy(k.Hash[:], sum[:])
	return k
}

func compareKeys(a, b hashedKey) int {
	return cmp.Or(bytes.Compare(a.Hash[:], b.Hash[:]), cmp.Compare(a.Line, b.Line))
}
