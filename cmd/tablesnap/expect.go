package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// expectation is a plan that was reviewed, of --expect.
type expectation struct {
	// given is what the user has written, or a file in a folder that the user has named.
	given string
	// hash are the first digits of the plan's SHA-256, or all of them.
	hash string
	// saved is set if the plan is in JSON. Otherwise text is the beginning of the file; it
	// is empty if the user has written the hash itself.
	saved *plan.Plan
	text  string
}

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
		p, err := plan.Decode(io.MultiReader(bytes.NewReader(head), all))
		if err != nil {
			return e, inputError{fmt.Errorf("%s: %w", name, err)}
		}
		e.saved, e.hash = &p, p.Hash()
		return e, nil
	}
	if e.hash, err = plan.FindHash(bytes.NewReader(head)); err != nil {
		return e, inputError{fmt.Errorf("%s is no plan that was reviewed: %w; name a file that tablesnap plan has written, or the SHA-256", name, err)}
	}
	return e, nil
}

// expectations are the plans that --expect names for a table. A folder may have the plan in
// several formats, and each of them must be met.
func expectations(given, table string, formats []planFormat) ([]expectation, error) {
	if !isFolder(given) {
		e, err := expect(given)
		return []expectation{e}, err
	}
	if err := namesFile(table); err != nil {
		return nil, err
	}
	var found []expectation
	for _, extension := range extensions(formats) {
		name := filepath.Join(given, table+extension)
		if _, err := os.Stat(name); err != nil {
			continue
		}
		e, err := expectFile(name)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	if len(found) == 0 {
		return nil, otherPlanError{table: table, expected: given, changes: []string{"there is no plan of it in this folder"}}
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
			return otherPlanError{table: table, expected: filepath.Join(folder, f.Name()), changes: []string{"the settings have no upload of it"}}
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

// check returns an otherPlanError unless the plan is the one that was reviewed, or its plan
// for any version is.
func (e expectation) check(d dialect.Dialect, in plan.Input, now plan.Plan, src rowsource.Source) error {
	if e.is(now) {
		return nil
	}
	in.Options.Binding = plan.BoundToNone
	forAny, err := plan.Build(d, in)
	if err != nil || e.is(forAny) {
		return err
	}
	if e.forAnyVersion() {
		now = forAny
	}
	changes, err := e.changes(d, now, src)
	if err != nil {
		return err
	}
	return otherPlanError{table: now.Upload.Table.Name, expected: e.given, changes: changes}
}

func (e expectation) is(p plan.Plan) bool { return strings.HasPrefix(p.Hash(), e.hash) }

// forAnyVersion reports whether the plan that was reviewed is for any version. It decides
// only which differences are told.
func (e expectation) forAnyVersion() bool {
	if e.saved != nil {
		return e.saved.Binding == plan.BoundToNone
	}
	return slices.ContainsFunc(headerOf(e.text), func(line string) bool { return strings.HasPrefix(line, " This script is for any version ") })
}

// changes say in words how a plan differs from the one that was reviewed.
func (e expectation) changes(d dialect.Dialect, now plan.Plan, src rowsource.Source) ([]string, error) {
	reviewed := headerOf(e.text)
	switch {
	case e.saved != nil:
		return plan.Differences(*e.saved, now), nil
	case len(reviewed) == 0 && !gooseUp.MatchString(e.text):
		return []string{fmt.Sprintf("its SHA-256 is %s now, with %s of %s, SHA-256 %s; a plan as sql or json tells more", now.Hash(), dialect.Rows(now.Upload.Source.Rows), now.Upload.Source.Name, now.Upload.Source.SHA256)}, nil
	case gooseUp.MatchString(e.text):
		return []string{"it is a migration, which goose runs, with other statements than apply; plan the upload as sql or json"}, nil
	}
	var script bytes.Buffer
	if err := plan.WriteScript(&script, d, now, src, asCommand(plan.ScriptOptions{})); err != nil {
		return nil, err
	}
	return changedLines(reviewed, headerOf(script.String())), nil
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
	if len(found) == 0 {
		return []string{"the definition of the table, the server, an option or the version of tablesnap is another now; a plan that is saved as JSON tells which"}
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
	table, expected string
	// changes are phrases without a full stop.
	changes []string
}

func (e otherPlanError) Error() string {
	return fmt.Sprintf("refuse to upload to %q: it is not the plan that was reviewed (%s): %s; nothing was changed; plan again, and have that plan reviewed", e.table, e.expected, strings.Join(e.changes, "; "))
}
