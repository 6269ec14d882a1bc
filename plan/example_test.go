package plan_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// A plan needs no database. It is made from what inspection found, in this case a table
// that does not exist yet.
func ExampleBuild() {
	src := rowsource.Bytes([]byte("item,cents\ntea,250\nmilk,99\n"), rowsource.Options{Name: "prices.csv"})
	manifest, err := rowsource.Measure(context.Background(), src)
	if err != nil {
		log.Fatal(err)
	}
	p, err := plan.Build(postgres.New(), plan.Input{
		Target:  dialect.Target{Ident: dialect.Ident{Schema: "shop", Name: "prices"}},
		Source:  manifest,
		Kind:    plan.AnyTable(),
		DocID:   "prices-2026-11",
		Options: plan.Options{Create: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Does())
	for _, s := range p.Steps() {
		fmt.Println(s.ID, "|", s.IfStopped)
	}
	if err := p.Refused(); err != nil { // a *plan.HazardError
		log.Fatal(err)
	}
	var script strings.Builder
	if err := plan.WriteScript(&script, postgres.New(), p, src, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Contains(script.String(), "'tea'"))

	// Output:
	// replace all rows of prices with those of prices.csv
	// 01-create-table | stops here: prices does not exist
	// 02-load | stops here: prices does not exist
	// true
}

// A hazard stops a plan until the user allows it by its code.
func ExampleHazardError() {
	src := rowsource.Bytes([]byte("item,cents\n"), rowsource.Options{Name: "prices.csv"})
	manifest, err := rowsource.Measure(context.Background(), src)
	if err != nil {
		log.Fatal(err)
	}
	in := plan.Input{Target: dialect.Target{Ident: dialect.Ident{Name: "prices"}}, Source: manifest, Kind: plan.AnyTable(), DocID: "prices-2026-11", Options: plan.Options{Create: true}}
	p, err := plan.Build(postgres.New(), in)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Refused())

	in.Options.Allow = []plan.Code{plan.EmptySource}
	p, err = plan.Build(postgres.New(), in)
	fmt.Println(p.Refused(), err)

	// Output:
	// upload to "prices" blocked: EMPTY_SOURCE: prices.csv has no rows, and "prices" would be empty after the upload
	// <nil> <nil>
}
