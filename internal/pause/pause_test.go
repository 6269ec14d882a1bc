package pause_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/internal/pause"
)

func TestPauseEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := pause.For(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("it waited to the end, although the context was cancelled: %v", err)
	}
	if err := pause.For(context.Background(), time.Nanosecond); err != nil {
		t.Errorf("it did not wait to the end: %v", err)
	}
}
