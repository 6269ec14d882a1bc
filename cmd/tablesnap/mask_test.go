package main

import (
	"errors"
	"fmt"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestMaskHidesMessages: no message of a database and no example of a row is left in an
// error, and what tablesnap says itself stays.
func TestMaskHidesMessages(t *testing.T) {
	load := plan.Step{ID: "05-load", Kind: plan.LoadRows, Table: dialect.Ident{Name: "people"}}
	ours := errors.New(`it is not true that no row is there twice; keys: "ada@secret"; plan again`)
	ofMySQL := &mysqldriver.MySQLError{Number: 1062, Message: "Duplicate entry 'ada@secret' for key 'people.email'"}
	ofPostgres := &pgconn.PgError{Code: "23505", Message: "duplicate key"}
	denied := &mysqldriver.MySQLError{Number: 1142, Message: "INSERT command denied to user"}
	for _, test := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%w; the table is as it was", &exec.StepError{Step: load, Err: fmt.Errorf("%w: Key (email)=(ada@secret) exists", ofPostgres)}),
			`load rows into "people" (step 05-load): ` + withoutMessage + "; the table is as it was"},
		{&exec.StepError{Step: load, Err: &rowsource.CellError{Source: "a.csv", Line: 3, Column: "email", Value: `"ada@secret"`, Err: ofMySQL}},
			`load rows into "people" (step 05-load): a.csv line 3, column "email": value (masked): ` + withoutMessage},
		{&exec.StepError{Step: load, Err: &rowsource.CellError{Source: "a.csv", Line: 3, Column: "name", Value: `"Ada"`, Err: errors.New("too long")}},
			`load rows into "people" (step 05-load): a.csv line 3, column "name": value "Ada": too long`},
		{&exec.StepError{Step: load, Err: &exec.ExampleError{Examples: `; keys: "ada@secret"`, Err: ours}},
			`load rows into "people" (step 05-load): it is not true that no row is there twice; plan again`},
		{fmt.Errorf("compare: %w", ofMySQL), "compare: " + withoutMessage},
		{fmt.Errorf("open: %w", denied), "open: Error 1142: INSERT command denied to user"},
	} {
		got := mask{"Email"}.hide(test.err)
		if diff := cmp.Diff(test.want, got.Error()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.err, diff)
		}
		if !errors.Is(got, test.err) {
			t.Errorf("%v: its cause is lost", test.err)
		}
		if got := (mask{}).hide(test.err); got.Error() != test.err.Error() {
			t.Errorf("without a mask: %v", got)
		}
	}
}

// TestMaskHidesWarnings: a run that went on after an error says so without the database's
// message, and other warnings stay.
func TestMaskHidesWarnings(t *testing.T) {
	refused := &exec.StepError{Step: plan.Step{ID: "05-drop-column", Kind: plan.DropColumn, Table: dialect.Ident{Name: "people"}},
		Err: &mysqldriver.MySQLError{Number: 1062, Message: "Duplicate entry 'ada@secret' for key 'people.email'"}}
	given := []plan.Warning{
		{Code: plan.ColumnNotDropped, Message: "a column was not dropped, and the upload went on: " + refused.Error(), Err: refused},
		{Code: plan.BackupPreserved, Message: `the backup failed, and the old rows are kept whole in "a: b": ` + refused.Error(), Err: refused},
		{Code: plan.AfterFailed, Message: refused.Error() + "; the upload itself is done", Err: refused},
		{Code: plan.ReadersWait, Message: "readers wait: until the commit"},
	}
	masked := `drop a column of "people" (step 05-drop-column): ` + withoutMessage
	want := []string{
		"a column was not dropped, and the upload went on: " + masked,
		`the backup failed, and the old rows are kept whole in "a: b": ` + masked,
		masked + "; the upload itself is done",
		"readers wait: until the commit",
	}
	var got []string
	for _, w := range (mask{"email"}).result(exec.Result{Warnings: given}).Warnings {
		got = append(got, w.Message)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(given, (mask{}).result(exec.Result{Warnings: given}).Warnings, cmpopts.EquateErrors()); diff != "" {
		t.Errorf("without a mask (-want +got):\n%s", diff)
	}
}
