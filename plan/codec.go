package plan

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// saved is a plan, or a set, as a file. The checksum is that of the whole plan, and shows
// whether it was changed.
type saved struct {
	Hash     string          `json:"plan_hash"`
	Checksum string          `json:"checksum"`
	Plan     json.RawMessage `json:"plan,omitempty"`
	Set      json.RawMessage `json:"plan_of_set,omitempty"`
}

// Hash returns the SHA-256, in hex, by which the plan is known. It does not depend on who
// runs the plan, nor on whether tablesnap's own tables exist yet: whichever run is the
// first in a database creates them.
func (p Plan) Hash() string {
	p.Upload.Actor, p.Ledger.Migration = "", 0
	return p.checksum()
}

// checksum is the SHA-256, in hex, of the plan's canonical JSON.
func (p Plan) checksum() string { return checksum(p) }

// Hash is that of [Plan.Hash] for a set.
func (s Set) Hash() string {
	s.Plans = slices.Clone(s.Plans)
	for i := range s.Plans {
		s.Plans[i].Upload.Actor, s.Plans[i].Ledger.Migration = "", 0
	}
	return checksum(s)
}

func checksum(v any) string {
	sum := sha256.Sum256(canonical(v))
	return hex.EncodeToString(sum[:])
}

// canonical is a value as JSON on one line.
func canonical(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)              // SQL is full of < and >, and people read it
	if err := e.Encode(v); err != nil { // strings, numbers and structs of them always encode
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

// Encode writes a plan as JSON, with its hash.
func Encode(w io.Writer, p Plan) error {
	return encode(w, saved{Hash: p.Hash(), Checksum: p.checksum(), Plan: canonical(p)})
}

// EncodeSet writes a set as JSON, with its hash.
func EncodeSet(w io.Writer, s Set) error {
	return encode(w, saved{Hash: s.Hash(), Checksum: checksum(s), Set: canonical(s)})
}

func encode(w io.Writer, s saved) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// ErrIsSet says that a saved plan is one of several tables. [DecodeSet] reads it.
var ErrIsSet = errors.New("it is the plan of a set")

// Decode reads a plan that Encode wrote. It rejects a plan that was changed since, one of
// another format, and unknown fields. If the file has a set, the error wraps [ErrIsSet].
func Decode(r io.Reader) (p Plan, err error) {
	s, err := readSaved(r)
	switch {
	case err != nil:
	case s.Set != nil:
		err = ErrIsSet
	default:
		err = strict(bytes.NewReader(s.Plan), &p)
	}
	if err == nil {
		err = s.unchanged(p.Hash(), p.checksum())
	}
	return p, ofSaved(err)
}

// DecodeSet reads a set that EncodeSet wrote, as [Decode] reads a plan.
func DecodeSet(r io.Reader) (set Set, err error) {
	s, err := readSaved(r)
	switch {
	case err != nil:
	case s.Set == nil:
		err = errors.New("it is the plan of one table, and of no set")
	default:
		err = strict(bytes.NewReader(s.Set), &set)
	}
	if err == nil {
		err = s.unchanged(set.Hash(), checksum(set))
	}
	return set, ofSaved(err)
}

func ofSaved(err error) error {
	if err != nil {
		return fmt.Errorf("read the saved plan: %w", err)
	}
	return nil
}

func readSaved(r io.Reader) (s saved, err error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return s, err
	}
	if err := checkFormat(text); err != nil {
		return s, err
	}
	return s, strict(bytes.NewReader(text), &s)
}

func (s saved) unchanged(hash, checksum string) error {
	if hash != s.Hash || checksum != s.Checksum {
		return errors.New("it was changed after it was made (its hash differs); plan the upload again")
	}
	return nil
}

// checkFormat comes before all else: a plan of another format has other fields.
func checkFormat(text []byte) error {
	type formatted struct {
		Format int `json:"format"`
	}
	var s struct {
		Plan *formatted `json:"plan"`
		Set  *formatted `json:"plan_of_set"`
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&s); err != nil {
		return err
	}
	found := cmp.Or(s.Plan, s.Set)
	switch {
	case found == nil:
		return errors.New("there is no plan in it")
	case found.Format != Format:
		return fmt.Errorf("it has format %d, and this tablesnap reads format %d; plan the upload again", found.Format, Format)
	}
	return nil
}

func strict(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("there is more text after the end of the plan")
	}
	return nil
}
