package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tablesnap/tablesnap/plan"
)

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
