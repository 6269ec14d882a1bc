package ledger

import (
	"context"
	"testing"
	"time"
)

// TestPauseEndsWithTheContext: nobody waits for a migration that was given up.
func TestPauseEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if pause(ctx, time.Hour) {
		t.Error("it waited to the end, although the context was cancelled")
	}
	if !pause(context.Background(), time.Nanosecond) {
		t.Error("it did not wait to the end")
	}
}
