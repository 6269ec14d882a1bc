package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/shell"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// flagsFor returns, in brackets, the flags for the remedies of a library's error. It is
// empty if the error has no remedies.
func flagsFor(err error) string {
	var flags []string
	if blocked, ok := errors.AsType[*plan.HazardError](err); ok {
		flags = append(flags, allowing(blocked.Hazards))
	}
	if name, ok := errors.AsType[*dialect.NameError](err); ok && name.Quoted != "" {
		flags = append(flags, "--table '"+name.Quoted+"'")
	}
	if locked, ok := errors.AsType[*exec.LockedError](err); ok && locked.Advice == "" {
		flags = append(flags, flagFor(plan.RemedyLockTimeout))
	}
	if cell, ok := errors.AsType[*rowsource.CellError](err); ok && cell.EmptyInQuotes() {
		flags = append(flags, "--null-quoted")
	}
	if known, ok := errors.AsType[*plan.RemedyError](err); ok {
		for _, r := range known.Remedies {
			flags = append(flags, flagFor(r))
		}
	}
	if faults, ok := errors.AsType[*rowsource.FaultsError](err); ok && faults.Faults.Ended == nil {
		flags = append(flags, fmt.Sprintf("--max-bad-rows %d uploads without what is bad; --rejects FILE.csv writes it to a file", faults.Faults.Bad))
	}
	return inBrackets(strings.Join(flags, "; "))
}

// flagFor returns the flag for a remedy of the library.
func flagFor(r plan.Remedy) string {
	if name, value, ok := r.Option(); ok {
		return strings.TrimSpace("--" + name + " " + shell.Word(value))
	}
	switch r {
	case plan.RemedyCreate:
		return "plan and apply make it with --create"
	case plan.RemedyNewColumns:
		return "--add-columns adds them"
	case plan.RemedyInferTypes:
		return "--types infer makes columns of numbers and dates short"
	case plan.RemedySwap:
		return "--strategy swap"
	case plan.RemedySync:
		return "--strategy sync"
	case plan.RemedyKey:
		return "--key C,... names them"
	case plan.RemedyNoChunks:
		return "leave --chunk-rows away, or add --strategy swap"
	case plan.RemedySmallerChunks:
		return "--chunk-rows makes them smaller"
	case plan.RemedyLockTimeout:
		return "--lock-timeout says how long to wait"
	case plan.RemedyAllowRewrite:
		return "--allow " + string(plan.TriggersRewrite)
	case plan.RemedyVersion:
		return "prune --version"
	case exec.RemedySides:
		return "FROM and TO, or --file"
	case config.RemedyConfig:
		return "--config FILE"
	default:
		return fileFlagFor(r)
	}
}

// fileFlagFor returns the flag for a remedy about how the file is read.
func fileFlagFor(r plan.Remedy) string {
	switch r {
	case rowsource.RemedyNull:
		return "--null-text TEXT chooses it"
	case rowsource.RemedyCSV:
		return "--format csv"
	case rowsource.RemedyJSONLines:
		return "--format jsonl"
	case rowsource.RemedyFormat:
		return "--input-format FORMAT"
	case rowsource.RemedyJSON:
		return "--input-format json"
	case rowsource.RemedySheet:
		return "--sheet NAME"
	case rowsource.RemedyRange:
		return "--header-row N, --range B3:F200"
	case rowsource.RemedyMissing:
		return "--missing null"
	default:
		return "" // not a known remedy
	}
}

func allowing(hazards []plan.Hazard) string {
	codes := make([]string, len(hazards))
	for i, h := range hazards {
		codes[i] = string(h.Code)
	}
	it := "it"
	if len(codes) > 1 {
		it = "them"
	}
	return "allow " + it + " with --allow " + strings.Join(codes, ",")
}

func inBrackets(says string) string {
	if says == "" {
		return ""
	}
	return " (" + says + ")"
}
