package exec_test

import (
	"regexp"
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

// aboutChecks returns a function for the statements at which a job is killed, in their order:
// the queries and the user's statements, and where they take effect. The other boundaries are
// those of TestKilledUpload; with everyOne they are tried here, too.
func aboutChecks(when moment) func(statement string) bool {
	checked := false
	return func(statement string) bool {
		checked = checked || isCheck(statement)
		switch {
		case when == before && isCheck(statement), isOwn(statement):
			return true
		case everyOne():
			return isBoundary(statement, when)
		default:
			return checked && (strings.HasPrefix(statement, "COMMIT") || strings.HasPrefix(statement, "RENAME TABLE"))
		}
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
			moments := w.moments
			if checks == refusing && !everyOne() {
				moments = moments[:1] // nothing of it is committed but what TestKilledUpload tries
			}
			for _, when := range moments {
				w.killAt(statements, aboutChecks(when), when, j, w.reset)
			}
		}
	})
}

// TestLostAnswerOfChecks cuts the connection at the queries of checks, at the user's
// statements and at commits. An upload that is committed is done, with a warning if not all
// statements after it were.
func TestLostAnswerOfChecks(t *testing.T) {
	onEach(t, quick(withServers), func(w *crashWorld) {
		w.reset()
		w.upload("doc_0", oldEmails)
		c := w.newCutter(regexp.MustCompile(`WHERE 1 = [02]|^COMMIT|^SELECT \* FROM \(`))
		warned := false
		for n := 1; ; n++ {
			w.reset()
			c.set(n, sent, false)
			res, err := w.requestThrough(c, passing.of(crashRequest(w.way, "doc_1", newEmails)))
			if !c.cut {
				break
			}
			w.tried("connection cut", 1)
			w.toldTheTruth(c, err)
			ofAfter := slices.ContainsFunc(res.Warnings, func(v plan.Warning) bool { return v.Code == plan.AfterFailed })
			all := slices.Equal(w.lines("SELECT state FROM tablesnap_audit WHERE kind = 'after'"), []string{"done", "done"})
			if err == nil && ofAfter == all {
				w.Errorf("that the statements after the upload were all done is %t, and that the result warns is %t", all, ofAfter)
			}
			warned = warned || ofAfter
			if w.Failed() {
				w.Fatalf("cut %q, the %d. of its kind; the error: %v", c.matched, n, err)
			}
		}
		if !warned {
			w.Error("no upload has warned of statements after it")
		}
	})
}
