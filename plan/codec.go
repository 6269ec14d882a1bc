package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// saved is a plan as a file. The checksum is that of the whole plan, and shows whether it
// was changed.
type saved struct {
	Hash     string          `json:"plan_hash"`
	Checksum string          `json:"checksum"`
	Plan     json.RawMessage `json:"plan"`
}

// Hash returns the SHA-256, in hex, by which the plan is known. It does not depend on who
// runs the plan, nor on whether tablesnap's own tables exist yet: whichever run is the
// first in a database creates them.
func (p Plan) Hash() string {
	p.Upload.Actor, p.Ledger.Migration = "", 0
	return p.checksum()
}

// checksum is the SHA-256, in hex, of the plan's canonical JSON.
func (p Plan) checksum() string {
	sum := sha256.Sum256(canonical(p))
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
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(saved{Hash: p.Hash(), Checksum: p.checksum(), Plan: canonical(p)}); err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Decode reads a plan that Encode wrote. It rejects a plan that was changed since, one of
// another format, and unknown fields.
func Decode(r io.Reader) (Plan, error) {
	p, err := decode(r)
	if err != nil {
		return p, fmt.Errorf("read the saved plan: %w", err)
	}
	return p, nil
}

func decode(r io.Reader) (p Plan, err error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return p, err
	}
	if err := checkFormat(text); err != nil {
		return p, err
	}
	var s saved
	if err := strict(bytes.NewReader(text), &s); err != nil {
		return p, err
	}
	if err := strict(bytes.NewReader(s.Plan), &p); err != nil {
		return p, err
	}
	if p.Hash() != s.Hash || p.checksum() != s.Checksum {
		return p, errors.New("it was changed after it was made (its hash differs); plan the upload again")
	}
	return p, nil
}

// checkFormat comes before all else: a plan of another format has other fields.
func checkFormat(text []byte) error {
	var s struct {
		Plan *struct {
			Format int `json:"format"`
		} `json:"plan"`
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&s); err != nil {
		return err
	}
	if s.Plan == nil {
		return errors.New("there is no plan in it")
	}
	if s.Plan.Format != Format {
		return fmt.Errorf("it has format %d, and this tablesnap reads format %d; plan the upload again", s.Plan.Format, Format)
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
