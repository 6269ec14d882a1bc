package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/plan"
)

// ParseAge reads an age such as 90d, 12w or 36h: days and weeks beside what Go
// calls a duration.
func ParseAge(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 100_000 {
				return time.Duration(n) * length, nil
			}
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%q is no age; write one such as 90d, 12w or 36h", text)
}

// Rule is the retention at a time, from which an age counts. That of nil has every
// snapshot stay.
func (r *Retention) Rule(now time.Time) plan.Retention {
	if r == nil {
		return plan.Retention{}
	}
	if r.OlderThan == "" {
		return plan.Retention{Keep: r.Keep}
	}
	age, _ := ParseAge(r.OlderThan) // it was checked when it was read
	return plan.Retention{Before: now.Add(-age), OlderThan: r.OlderThan}
}
