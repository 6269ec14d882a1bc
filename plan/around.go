package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// runBefore and runAfter are the user's statements around the upload. Each commits by itself.
func (b builder) runBefore() []Step { return b.around(RunBefore, b.opts.Before) }
func (b builder) runAfter() []Step  { return b.around(RunAfter, b.opts.After) }

func (b builder) around(k StepKind, statements []string) []Step {
	if b.op != OpUpload {
		return nil
	}
	var steps []Step
	for _, text := range statements {
		sql, _ := oneStatement(text) // it was validated
		s := b.step(k, b.ident(), dialect.Stmt{})
		s.SQL = strings.ReplaceAll(sql, placeTable, b.d.QuoteTable(b.ident())) // the user's own, with its own lines
		s.AutoCommits = true
		if writer, ok := dialect.As[dialect.ReadWriter](b.d); ok {
			s.Setup = []dialect.Stmt{writer.ReadWrite()}
		}
		steps = append(steps, s)
	}
	return steps
}

// refuseAround are the reasons why the statements cannot run around the upload.
func (b builder) refuseAround() []error {
	o := b.opts
	if b.op != OpUpload || len(o.Before)+len(o.After) == 0 {
		return nil
	}
	if _, joins := dialect.As[dialect.ExternalTx](b.d); joins || b.portable() {
		return []error{errors.New("statements before and after the upload are not for a migration, which is one piece with them: write them into migrations of their own")}
	}
	return reasons(invalidAround(o.Before, o.After)...)
}

func invalidAround(before, after []string) (why []string) {
	for _, list := range []struct {
		key        string
		statements []string
	}{{"before", before}, {"after", after}} {
		if err := ValidateStatements(list.statements); err != nil {
			why = append(why, list.key+" "+err.Error())
		}
	}
	return why
}

// ValidateStatements returns an error if [Options].Before and After cannot have one of the
// statements.
func ValidateStatements(statements []string) error {
	for i, text := range statements {
		if _, err := oneStatement(text); err != nil {
			return fmt.Errorf("has a statement, number %d, that %w", i+1, err)
		}
	}
	return nil
}

// controls begin statements that would change the transactions or the locks of the run.
func controls() []string {
	return []string{"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "lock", "unlock", "set"}
}

// oneStatement is a statement without the semicolon at its end. The error begins with what it
// has or is.
func oneStatement(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	text = strings.TrimSpace(strings.TrimSuffix(text, ";"))
	first := strings.ToLower(strings.TrimRight(strings.Fields(text + " .")[0], "(;"))
	switch {
	case text == "":
		return "", errors.New("is empty")
	case slices.Contains(controls(), first):
		return "", fmt.Errorf("begins with %s, which would change the transactions, the locks or the settings of the run", strings.ToUpper(first))
	case strings.Contains(text, placeOld):
		return "", fmt.Errorf("has %s in it, which is for the queries of checks", placeOld)
	}
	return text, isOne(text)
}

// AnnouncedAs is the state of the step's audit row before the step runs. Nobody looks up
// whether a statement of the user was carried out, so it is not known from the start.
func (s Step) AnnouncedAs() ledger.State {
	if s.Kind == RunBefore || s.Kind == RunAfter {
		return ledger.Unknown
	}
	return ledger.Started
}

// IsAround reports whether the group is a statement of the user before or after the upload.
func (g Group) IsAround() bool { return g.has(RunBefore) || g.has(RunAfter) }

// Afterwards reports whether the group runs once the upload is done, so that a failure only
// warns.
func (g Group) Afterwards() bool { return g.has(RunAfter) }
