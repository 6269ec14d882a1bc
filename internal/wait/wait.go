// Package wait has tests wait for conditions, never for a time.
package wait

import (
	"testing"
	"time"
)

// longest is far more than any condition takes to come about, on a machine that has
// other work as well.
const longest = 5 * time.Minute

// Until returns when the condition holds. It asks less and less often: a test that
// asks all the time takes the processor from what it waits for, and InnoDB's view of
// transactions stays as it was for who asks ten times a second
// (https://dev.mysql.com/doc/refman/9.7/en/innodb-information-schema-internal-data.html).
//
// A condition that never comes about fails the test and is reported as false; the
// test goes on, since it may be waiting beside its own goroutine.
func Until(t testing.TB, condition string, holds func() bool) bool {
	t.Helper()
	deadline := time.Now().Add(longest)
	for pause := 2 * time.Millisecond; !holds(); pause = min(2*pause, 250*time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("it never came about that %s", condition)
			return false
		}
		time.Sleep(pause)
	}
	return true
}
