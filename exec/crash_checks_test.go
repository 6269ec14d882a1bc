package exec_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// checking says which checks an upload makes, beside statements around it.
type checking string

const (
	unchecked checking = ""
	// passing has a check that finds nothing, and one that warns; refusing has one more, which
	// ends the upload.
	passing  checking = "passing"
	refusing checking = "refusing"
)

// of is the request with the checks. The statements around the upload change nothing that
// the tests look at.
func (c checking) of(r exec.Request) exec.Request {
	if c == unchecked {
		return r
	}
	o := &r.Options
	o.Before = []string{"UPDATE {table} SET email = email WHERE 1 = 0"}
	o.After = []string{"DELETE FROM {table} WHERE 1 = 0", "UPDATE {table} SET email = email WHERE 1 = 2"}
	o.Checks = []plan.Check{
		plan.QueryCheck("each had a number", "SELECT o.email FROM {old} o WHERE o.id IS NULL", plan.Refuse),
		plan.QueryCheck("nobody is gone", "SELECT o.email FROM {old} o WHERE o.email NOT IN (SELECT email FROM {table})", plan.Warn),
		plan.NotNull("email"), plan.Unique("email"),
	}
	if c == refusing {
		o.Checks = append(o.Checks, plan.QueryCheck("nobody is there", "SELECT email FROM {table}", plan.Refuse))
	}
	return r
}

// isCheck reports whether a statement is the query of a check, and isOwn whether it is one
// of the user's.
func isCheck(statement string) bool { return strings.HasPrefix(statement, "SELECT * FROM (\n") }
func isOwn(statement string) bool {
	return strings.HasSuffix(statement, "WHERE 1 = 0") || strings.HasSuffix(statement, "WHERE 1 = 2")
}

// isAboutChecks reports whether a job is killed at a statement: at the queries and the user's
// statements, and where they take effect. The other boundaries are those of TestKilledUpload;
// with everyOne they are tried here, too.
func isAboutChecks(statement string, when moment) bool {
	switch {
	case when == before && isCheck(statement), isOwn(statement):
		return true
	case everyOne():
		return isBoundary(statement, when)
	default:
		return strings.HasPrefix(statement, "COMMIT") || strings.HasPrefix(statement, "RENAME TABLE")
	}
}

// TestKilledCheckedUpload kills the process at the boundaries of uploads with checks and with
// statements around them, and at each query of a check.
func TestKilledCheckedUpload(t *testing.T) {
	onEach(t, quick(everywhere), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		for _, checks := range []checking{passing, refusing} {
			w.reset()
			j := job{Does: uploads, Doc: "doc_1", Rows: newEmails, Checks: checks}
			statements, _ := w.child(j)
			want := newEmails
			if checks == refusing {
				want = oldEmails
			}
			if got := w.emails(panel, ""); !slices.Equal(got, want) {
				w.Errorf("an upload with checks that are %s leaves %q", checks, got)
			}
			w.sound()
			w.reset()
			for _, when := range w.moments {
				w.killAt(statements, func(statement string) bool { return isAboutChecks(statement, when) }, when, j, w.reset)
			}
		}
	})
}
