package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// Check is a condition that the new rows of a table must meet: one of the keys says which.
type Check struct {
	Name     string `yaml:"name"`
	Query    string `yaml:"query"`
	Severity string `yaml:"severity"`
	// Column is what Values, Matches and References are about.
	Column     string   `yaml:"column"`
	NotNull    Texts    `yaml:"not_null"`
	Unique     Texts    `yaml:"unique"`
	Values     []string `yaml:"values"`
	Matches    string   `yaml:"matches"`
	MinRows    int64    `yaml:"min_rows"`
	MaxChange  string   `yaml:"max_change"`
	References string   `yaml:"references"`
}

// PlanChecks are the checks of the table.
func (t Table) PlanChecks() ([]plan.Check, error) {
	var checks []plan.Check
	for i, c := range t.Checks {
		check, err := c.check()
		if err == nil {
			err = check.Validate()
		}
		if err != nil {
			return nil, fmt.Errorf("checks, number %d: %w", i+1, err)
		}
		if slices.ContainsFunc(checks, func(other plan.Check) bool { return other.Title() == check.Title() }) {
			return nil, fmt.Errorf("checks, number %d: there is another check %q; give each a name of its own", i+1, check.Title())
		}
		checks = append(checks, check)
	}
	return checks, nil
}

func (t Table) checkChecks() error {
	_, err := t.PlanChecks()
	return err
}

// checkAround checks the statements around the upload.
func (t Table) checkAround() error {
	if err := plan.ValidateStatements(t.Before); err != nil {
		return fmt.Errorf("before %w", err)
	}
	if err := plan.ValidateStatements(t.After); err != nil {
		return fmt.Errorf("after %w", err)
	}
	return nil
}

// check is the check of the only kind that is written.
func (c Check) check() (plan.Check, error) {
	kinds, err := c.kinds()
	switch {
	case err != nil:
		return plan.Check{}, err
	case len(kinds) == 0:
		return plan.Check{}, errors.New("it says nothing to check; write query, not_null, unique, values, matches, min_rows, max_change or references")
	case len(kinds) > 1:
		return plan.Check{}, fmt.Errorf("it has %s and %s; write each as a check of its own", kinds[0].Kind, kinds[1].Kind)
	}
	check := kinds[0]
	ofColumn := check.Kind == plan.CheckValues || check.Kind == plan.CheckMatches || check.Kind == plan.CheckReferences
	switch {
	case ofColumn && c.Column == "":
		return check, fmt.Errorf("%s is about one column; name it as column", check.Kind)
	case !ofColumn && c.Column != "":
		return check, fmt.Errorf("column is for values, matches and references; %s has its columns, if any, itself", check.Kind)
	}
	check.Name, check.Severity = c.Name, plan.Severity(c.Severity)
	return check, nil
}

// kinds are the checks of all kinds that are written.
func (c Check) kinds() (kinds []plan.Check, err error) {
	add := func(written bool, check plan.Check) {
		if written {
			kinds = append(kinds, check)
		}
	}
	add(c.Query != "", plan.QueryCheck(c.Name, c.Query, plan.Refuse))
	add(c.NotNull != nil, plan.NotNull(c.NotNull...))
	add(c.Unique != nil, plan.Unique(c.Unique...))
	add(c.Values != nil, plan.OneOf(c.Column, c.Values...))
	add(c.Matches != "", plan.Matches(c.Column, c.Matches))
	add(c.MinRows != 0, plan.MinRows(c.MinRows))
	if c.MaxChange != "" {
		if !isPercentage(c.MaxChange) {
			return nil, fmt.Errorf("max_change is %q; write a percentage from 0%% to 100%%", c.MaxChange)
		}
		percent, _ := strconv.Atoi(strings.TrimSuffix(c.MaxChange, "%"))
		add(true, plan.MaxChange(percent))
	}
	if c.References != "" {
		other, err := dialect.ParseReference(c.References)
		if err != nil || other.Schema.Text == "" {
			return nil, fmt.Errorf("references is %q; write the other table and its column, such as countries.code", c.References)
		}
		add(true, plan.References(c.Column, other.Schema.Text, other.Name.Text))
	}
	return kinds, nil
}
