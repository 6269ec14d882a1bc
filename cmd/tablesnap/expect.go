package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// expectation is a plan that was reviewed, of --expect.
type expectation struct {
	// given is what the user has written, or a file in a folder that the user has named.
	given string
	// hash are the first digits of the plan's SHA-256, or all of them.
	hash string
	// saved is set if the plan is in JSON. Otherwise text is the beginning of the file; it
	// is empty if the user has written the hash itself.
	saved work
	text  string
}

// expectations are the same plan in several formats. Each must be met.
type expectations []expectation

// fewestDigits is how many digits of a SHA-256 name a plan.
const fewestDigits = 12

var digits = regexp.MustCompile(`^[0-9A-Fa-f]{1,64}$`)

// expect reads a value of --expect that is no folder.
func expect(given string) (expectation, error) {
	switch {
	case !digits.MatchString(given):
		return expectFile(given)
	case len(given) < fewestDigits:
		return expectation{}, usagef("--expect is %q; write at least the first %d digits of the plan's SHA-256 (a file of that name is ./%s)", given, fewestDigits, given)
	default:
		return expectation{given: given, hash: strings.ToLower(given)}, nil
	}
}

// expectFile reads a file that plan has written, in any format.
func expectFile(name string) (expectation, error) {
	f, err := os.Open(name)
	if err != nil {
		return expectation{}, inputError{fmt.Errorf("read the plan that was reviewed: %w", err)}
	}
	defer f.Close()
	const headerSize = 4 << 20
	all := transform.NewReader(f, utf.BOMOverride(transform.Nop)) // a shell of Windows may have written UTF-16
	head, err := io.ReadAll(io.LimitReader(all, headerSize))
	if err != nil {
		return expectation{}, inputError{fmt.Errorf("read the plan that was reviewed: %w", err)}
	}
	e := expectation{given: name, text: string(head)}
	if bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")) {
		text, err := io.ReadAll(io.MultiReader(bytes.NewReader(head), all))
		if err != nil {
			return e, inputError{fmt.Errorf("read the plan that was reviewed: %w", err)}
		}
		saved, err := decodeWork(text)
		if err != nil {
			return e, inputError{fmt.Errorf("%s: %w", name, err)}
		}
		e.saved, e.hash = saved, saved.hash()
		return e, nil
	}
	if e.hash, err = plan.FindHash(bytes.NewReader(head)); err != nil {
		return e, inputError{fmt.Errorf("%s is no plan that was reviewed: %w; name a file that tablesnap plan has written, or the SHA-256", name, err)}
	}
	return e, nil
}

// expectationsOf are the plans that --expect names for a table or a set. A folder may have
// the plan in several formats.
func expectationsOf(given, name string, formats []planFormat) (expectations, error) {
	if !isFolder(given) {
		e, err := expect(given)
		return expectations{e}, err
	}
	if err := namesFile(name); err != nil {
		return nil, err
	}
	var found expectations
	for _, extension := range extensions(formats) {
		file := filepath.Join(given, name+extension)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		e, err := expectFile(file)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	if len(found) == 0 {
		return nil, otherPlanError{name: strconv.Quote(name), expected: given, changes: []string{"there is no plan of it in this folder"}}
	}
	return found, nil
}

// nobodyUploads returns an error if a folder has the plan of a table that is not among the
// names: less would run than was reviewed.
func nobodyUploads(folder string, names []string, formats []planFormat) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return inputError{fmt.Errorf("read the plans that were reviewed: %w", err)}
	}
	for _, f := range files {
		extension := filepath.Ext(f.Name())
		table := strings.TrimSuffix(f.Name(), extension)
		if f.IsDir() || !slices.Contains(extensions(formats), extension) || slices.Contains(names, table) {
			continue
		}
		if _, err := expectFile(filepath.Join(folder, f.Name())); err == nil {
			return otherPlanError{name: strconv.Quote(table), expected: filepath.Join(folder, f.Name()), changes: []string{"the settings have no upload of it"}}
		}
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// extensions are those of the files in the formats, each once.
func extensions(formats []planFormat) []string {
	var all []string
	for _, f := range formats {
		all = append(all, f.extension)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// candidate is what would run: the plan of a table, or a set.
type candidate struct {
	work
	dialect dialect.Dialect
	name    string // for messages
}

// candidate is the plan of an upload with a binding.
func (u *openedUpload) candidate(b plan.Binding) (candidate, error) {
	in, p := u.in, u.shown
	in.Options.Binding = b
	var err error
	p.plan, err = plan.Build(p.dialect, in)
	p.source = u.req.Source
	return candidate{&p, p.dialect, strconv.Quote(p.plan.Upload.Table.Name)}, err
}

// candidatesOf are the set of uploads, which are in its order, with a binding.
func candidatesOf(d dialect.Dialect, name string, uploads []*openedUpload) func(plan.Binding) (candidate, error) {
	return func(b plan.Binding) (candidate, error) {
		inputs := inputsOf(uploads)
		for i := range inputs {
			inputs[i].Options.Binding = b
		}
		set, err := plan.BuildSet(d, name, inputs)
		if err != nil {
			return candidate{}, err
		}
		s := newSet(set)
		for i, p := range s.each {
			p.source = uploads[i].req.Source
		}
		return candidate{s, d, fmt.Sprintf("the set %q", name)}, nil
	}
}

// check returns an otherPlanError unless what would run is what was reviewed, or its plan for
// any version is.
func (all expectations) check(build func(plan.Binding) (candidate, error), bound plan.Binding) error {
	if len(all) == 0 {
		return nil
	}
	now, err := build(bound)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.is(now) {
			continue
		}
		forAny, err := build(plan.BoundToNone)
		if err != nil {
			return err
		}
		if e.is(forAny) {
			continue
		}
		if e.forAnyVersion() {
			now = forAny
		}
		changes, err := e.changes(now)
		if err != nil {
			return err
		}
		return otherPlanError{name: now.name, expected: e.given, changes: changes}
	}
	return nil
}

func (e expectation) is(c candidate) bool { return strings.HasPrefix(c.hash(), e.hash) }

// forAnyVersion reports whether the plan that was reviewed is for any version. It decides
// only which differences are told.
func (e expectation) forAnyVersion() bool {
	if e.saved != nil {
		return e.saved.tables()[0].plan.Binding == plan.BoundToNone
	}
	return slices.ContainsFunc(headerOf(e.text), func(line string) bool { return strings.HasPrefix(line, " This script is for any version ") })
}

// changes say in words how what would run differs from what was reviewed.
func (e expectation) changes(now candidate) ([]string, error) {
	reviewed := headerOf(e.text)
	switch {
	case e.saved != nil:
		return now.differences(e.saved), nil
	case len(reviewed) == 0 && !gooseUp.MatchString(e.text):
		return []string{fmt.Sprintf("its SHA-256 is %s now, with %s; a plan as sql or json tells more", now.hash(), sourcesOf(now))}, nil
	case gooseUp.MatchString(e.text):
		return []string{"it is a migration, which goose runs, with other statements than apply; plan the upload as sql or json"}, nil
	}
	var script bytes.Buffer
	now.in(now.dialect, asCommand(plan.ScriptOptions{}), plan.SummaryOptions{})
	format, err := findFormat(planFormats(), "sql")
	if err == nil {
		err = now.write(&script, format)
	}
	return changedSections(reviewed, headerOf(script.String())), err
}

// sourcesOf says how many rows come from which files.
func sourcesOf(w work) string {
	var each []string
	for _, t := range w.tables() {
		src := t.plan.Upload.Source
		each = append(each, fmt.Sprintf("%s of %s, SHA-256 %s", dialect.Rows(src.Rows), src.Name, src.SHA256))
	}
	return strings.Join(each, "; ")
}

// gooseUp is a line that each migration for goose has.
var gooseUp = regexp.MustCompile(`(?m)^-- \+goose Up\r?$`)

// otherPlanError says that an upload is not the one that was reviewed.
type otherPlanError struct {
	// name is that of the table in quotes, or of the set.
	name, expected string
	// changes are phrases without a full stop.
	changes []string
}

func (e otherPlanError) Error() string {
	return fmt.Sprintf("refuse to upload to %s: it is not the plan that was reviewed (%s): %s; nothing was changed; plan again, and have that plan reviewed", e.name, e.expected, strings.Join(e.changes, "; "))
}
