package exec

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Changes are the numbers of rows that a sync has changed.
type Changes struct {
	Deleted  int64 `json:"deleted"`
	Updated  int64 `json:"updated"`
	Inserted int64 `json:"inserted"`
}

// unchanged reports whether a sync has found no row that differs, and changes nothing else.
func (r *run) unchanged() bool {
	for _, s := range r.steps {
		if s.Step.Kind == plan.CompareRows && s.State == ledger.Done {
			return s.Rows == 0 && !r.plan.Alters()
		}
	}
	return false
}

// unneeded reports whether a stage is left out because nothing differs: no backup table is
// made or widened, and no snapshot goes, since no version is made.
func (r *run) unneeded(stage []plan.Step) bool {
	switch stage[0].Kind {
	case plan.CreateBackup, plan.WidenBackup, plan.DeleteSnapshot, plan.DropPreserved:
		return r.unchanged()
	default:
		return false
	}
}

// leaveOut marks the steps as skipped.
func (r *run) leaveOut(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		if err := r.closeStep(ctx, s, s.Unfinished(ledger.Skipped, "nothing differs")); err != nil {
			return err
		}
	}
	return nil
}

// changes counts what a sync has done. It is nil for another strategy.
func (r *run) changes() *Changes {
	var c *Changes
	for _, s := range r.steps {
		if c == nil && s.Step.Kind == plan.CompareRows {
			c = &Changes{}
		}
		switch {
		case c == nil:
		case s.Step.Kind == plan.DeleteRows:
			c.Deleted += s.Rows
		case s.Step.Kind == plan.UpdateRows:
			c.Updated += s.Rows
		case s.Step.Kind == plan.InsertRows:
			c.Inserted += s.Rows
		}
	}
	return c
}

// examples names rows that made an assertion fail. It is empty if they cannot be read.
func (r *run) examples(ctx context.Context, e plan.Examples) string {
	rows, err := r.conn.QueryContext(ctx, e.SQL)
	if err != nil {
		return ""
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return ""
	}
	var shown []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return ""
		}
		shown = append(shown, showRow(values))
	}
	if errors.Join(rows.Err(), rows.Close()) != nil || len(shown) == 0 {
		return ""
	}
	return "; " + e.Says + ": " + strings.Join(shown, ", ")
}

func showRow(values []any) string {
	shown := shownValues(values)
	if len(shown) == 1 {
		return shown[0]
	}
	return "(" + strings.Join(shown, ", ") + ")"
}

// shownValues are a driver's values as messages show them.
func shownValues(values []any) []string {
	shown := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil:
			shown[i] = rowsource.Null().String()
		case []byte:
			shown[i] = rowsource.Text(string(v)).String()
		case string:
			shown[i] = rowsource.Text(v).String()
		case int64:
			shown[i] = strconv.FormatInt(v, 10)
		default:
			shown[i] = fmt.Sprint(v)
		}
	}
	return shown
}
