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
	"unicode"

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

// headerOf are the lines of comment around the line with the hash of a plan.
func headerOf(text string) []string {
	var header []string
	found := false
	for line := range strings.Lines(text) {
		says, isComment := strings.CutPrefix(strings.TrimRight(line, " \r\n"), "--")
		if !isComment && found {
			break
		}
		if !isComment {
			header = nil
			continue
		}
		if _, err := plan.FindHash(strings.NewReader(line)); err == nil {
			found = true
			continue
		}
		if last := len(header) - 1; last >= 0 && strings.HasPrefix(says, strings.Repeat(" ", continued)) {
			header[last] += " " + strings.TrimSpace(says)
			continue
		}
		header = append(header, says)
	}
	if !found {
		return nil
	}
	return header
}

// continued is the number of blanks from which a line of a header goes on with the one before.
const continued = 5

// changedSections compares two headers. That of a set has a section for each table.
func changedSections(was, is []string) []string {
	var found []string
	before := sections(was)
	several := len(before) > 1
	for _, now := range sections(is) {
		i := slices.IndexFunc(before, func(other section) bool { return other.table == now.table })
		if i < 0 {
			found = append(found, "new is: "+now.table)
			continue
		}
		for _, change := range changedLines(before[i].lines, now.lines) {
			if now.table != "" && several {
				change = now.table + ": " + change
			}
			found = append(found, change)
		}
		before = slices.Delete(before, i, i+1)
	}
	for _, gone := range before {
		found = append(found, "not any more: "+gone.table)
	}
	if len(found) == 0 {
		return []string{"the definition of the table, the server, an option or the version of tablesnap is another now; a plan that is saved as JSON tells which"}
	}
	return found
}

// section is the part of a header that is about a table, or about a set.
type section struct {
	table string // empty for a set
	lines []string
}

// sections are those of a header, each of which begins with what is done.
func sections(header []string) (all []section) {
	for _, line := range header {
		if strings.HasPrefix(line, " tablesnap: ") || len(all) == 0 {
			all = append(all, section{})
		}
		now := &all[len(all)-1]
		now.lines = append(now.lines, line)
		if table, ok := strings.CutPrefix(line, " table "); ok {
			now.table, _, _ = strings.Cut(strings.TrimSpace(table), ", strategy ")
		}
	}
	return all
}

// changedLines compares two headers. A line that both have with other words is told by its
// first word.
func changedLines(was, is []string) []string {
	var found []string
	gone, come := without(uncounted(was), uncounted(is)), without(uncounted(is), uncounted(was))
	steps := len(gone) + len(come)
	gone, come = slices.DeleteFunc(gone, isStep), slices.DeleteFunc(come, isStep)
	if len(gone)+len(come) < steps {
		found = append(found, "its steps are others now")
	}
	for _, line := range come {
		label, now, _ := strings.Cut(line, " ")
		i := slices.IndexFunc(gone, func(old string) bool { return strings.HasPrefix(old, label+" ") })
		if i < 0 {
			found = append(found, "new is: "+line)
			continue
		}
		found = append(found, fmt.Sprintf("%s: %s, now: %s", label, strings.TrimPrefix(gone[i], label+" "), now))
		gone = slices.Delete(gone, i, i+1)
	}
	for _, line := range gone {
		found = append(found, "not any more: "+line)
	}
	return found
}

// isStep reports whether a line of a header lists a step. It begins with the step's group.
func isStep(line string) bool { return unicode.IsDigit(rune(line[0])) }

// rowsOfStep is the number of rows at the end of a line that lists a step.
var rowsOfStep = regexp.MustCompile(`^( +[0-9]+ +[0-9]+\. .*?) +[0-9,]+ rows?$`)

// uncounted are the lines without the numbers of rows in steps: those are told of the whole.
func uncounted(lines []string) []string {
	without := slices.Clone(lines)
	for i := range without {
		without[i] = rowsOfStep.ReplaceAllString(without[i], "$1")
	}
	return without
}

// without are the lines that others lack, with single blanks. How many rows a script shows
// is no part of the plan.
func without(lines, others []string) []string {
	var found []string
	for _, l := range lines {
		if l != "" && !slices.Contains(others, l) && !strings.HasPrefix(l, " This script") {
			found = append(found, strings.Join(strings.Fields(l), " "))
		}
	}
	return found
}

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
