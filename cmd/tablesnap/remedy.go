package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/shell"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// hint is what helps after an error: mostly a flag, which stands between what is said before
// and after it.
type hint struct {
	before, flag, value, after string
}

// hintsFor are the hints for the remedies of a library's error.
func hintsFor(err error) []hint {
	var hints []hint
	if blocking := hazardsIn(err); len(blocking) > 0 {
		hints = append(hints, allowing(blocking))
	}
	if name, ok := errors.AsType[*dialect.NameError](err); ok && name.Quoted != "" {
		hints = append(hints, hint{flag: "table", value: name.Quoted})
	}
	if locked, ok := errors.AsType[*exec.LockedError](err); ok && locked.Advice == "" {
		hints = append(hints, hintsOf(plan.RemedyLockTimeout)...)
	}
	if hasEmptyText(err) {
		hints = append(hints, hint{flag: "null-quoted"})
	}
	known, ok := errors.AsType[*plan.RemedyError](err)
	if ok {
		for _, r := range known.Remedies {
			hints = append(hints, hintsOf(r)...)
		}
	}
	if faults, bad := errors.AsType[*rowsource.FaultsError](err); bad && !ok && faults.Faults.Ended == nil { // otherwise more than rows may be wrong
		hints = append(hints, hint{flag: "max-bad-rows", value: strconv.FormatInt(faults.Faults.Bad, 10), after: " uploads without what is bad"},
			hint{flag: "rejects", value: "FILE.csv", after: " writes it to a file"})
	}
	return hints
}

// hazardsIn are the hazards that block the tables of an error, each code once.
func hazardsIn(err error) (found []plan.Hazard) {
	eachError(err, func(e error) {
		blocked, ok := e.(*plan.HazardError) //nolint:errorlint // eachError unwraps
		if !ok {
			return
		}
		for _, h := range blocked.Hazards {
			if !slices.ContainsFunc(found, func(other plan.Hazard) bool { return other.Code == h.Code }) {
				found = append(found, h)
			}
		}
	})
	return found
}

// hasEmptyText reports whether one of the faults is an empty text.
func hasEmptyText(err error) (found bool) {
	eachError(err, func(e error) {
		if cell, ok := e.(*rowsource.CellError); ok && cell.EmptyInQuotes() { //nolint:errorlint // eachError unwraps
			found = true
		}
	})
	return found
}

// hintsOf are the hints for a remedy of the library. There are none for an unknown one.
func hintsOf(r plan.Remedy) []hint {
	if name, value, ok := r.Option(); ok {
		return []hint{{flag: name, value: value}}
	}
	return hintsByRemedy()[r]
}

func hintsByRemedy() map[plan.Remedy][]hint {
	return map[plan.Remedy][]hint{
		plan.RemedyCreate:         {{before: "plan and apply make it with --create"}},
		plan.RemedyNewColumns:     {{flag: "add-columns", after: " adds them"}},
		plan.RemedyInferTypes:     {{flag: "types", value: "infer", after: " makes columns of numbers and dates short"}},
		plan.RemedySwap:           {{flag: "strategy", value: "swap"}},
		plan.RemedyKeepTable:      {{flag: "backup", value: "table", after: " keeps it"}},
		plan.RemedySync:           {{flag: "strategy", value: "sync"}},
		plan.RemedyKey:            {{flag: "key", value: "C,...", after: " names them"}},
		plan.RemedyNoChunks:       {{before: "leave --chunk-rows away, or add ", flag: "strategy", value: "swap"}},
		plan.RemedySmallerChunks:  {{flag: "chunk-rows", after: " makes them smaller"}},
		plan.RemedyLockTimeout:    {{flag: "lock-timeout", after: " says how long to wait"}},
		plan.RemedyAllowRewrite:   {{flag: "allow", value: string(plan.TriggersRewrite)}},
		plan.RemedyVersion:        {{before: "prune --version"}},
		exec.RemedySides:          {{before: "FROM and TO, or --file"}},
		config.RemedyConfig:       {{flag: "config", value: "FILE"}},
		rowsource.RemedyNull:      {{flag: "null-text", value: "TEXT", after: " chooses it"}},
		rowsource.RemedyCSV:       {{flag: "format", value: "csv"}},
		rowsource.RemedyJSONLines: {{flag: "format", value: "jsonl"}},
		rowsource.RemedyFormat:    {{flag: "input-format", value: "FORMAT"}},
		rowsource.RemedyJSON:      {{flag: "input-format", value: "json"}},
		rowsource.RemedySheet:     {{flag: "sheet", value: "NAME"}},
		rowsource.RemedyRange:     {{flag: "header-row", value: "N"}, {flag: "range", value: "B3:F200"}},
		rowsource.RemedyHeader:    {{flag: "header-row", value: "N"}},
		rowsource.RemedyMissing:   {{flag: "missing", value: "null"}},
	}
}

// says is the text of the hint.
func (h hint) says() string {
	if h.flag == "" {
		return h.before
	}
	return h.before + strings.TrimSpace("--"+h.flag+" "+shell.Word(h.value)) + h.after
}

// adviceOf are, in brackets, the hints for a command. They name no flag that the command
// does not have, or refuses.
func adviceOf(cmd *cobra.Command, hints []hint) string {
	var advice, keys []string
	for _, h := range hints {
		switch {
		case h.flag == "":
			advice = append(advice, h.says())
		case cmd.Flags().Lookup(h.flag) == nil:
			if h.flag == "table" { // it is an argument
				advice = append(advice, shell.Word(h.value))
			}
		case isChanged(cmd, "plan") && slices.Contains(plannedFlags(), h.flag):
			advice = append(advice, h.says()+", when you plan again")
		case (isChanged(cmd, "all") || isChanged(cmd, "set")) && slices.Contains(settingsOfTables(), h.flag):
			keys = append(keys, h.asKey())
		default:
			advice = append(advice, h.says())
		}
	}
	if len(keys) > 0 {
		advice = append(advice, "in the settings of the table, "+strings.Join(keys, "; "))
	}
	return inBrackets(strings.Join(advice, "; "))
}

func isChanged(cmd *cobra.Command, flag string) bool { return cmd.Flags().Changed(flag) }

// settingsOfTables are the flags that a table has as a key in the settings. With --all they
// belong there: as flags they would be for all tables, or are refused.
func settingsOfTables() []string {
	return slices.Concat(readFlagNames(), faultFlagNames(), []string{"strategy", "key", "max-change", "types", "primary-key", "table"})
}

// asKey is the text of the hint with the key in the settings that has its flag's meaning.
func (h hint) asKey() string {
	key, value := strings.ReplaceAll(h.flag, "-", "_"), shell.Word(h.value)
	switch h.flag {
	case "table":
		return "write its name as " + value
	case "input-format":
		key = "format"
	case "map":
		from, to, _ := strings.Cut(h.value, "=")
		key, value = "columns", "{"+inYAML(from)+": "+inYAML(to)+"}"
	case "key":
		value = "[C, ...]"
	case "null-quoted", "skip-empty-rows":
		value = "true"
	}
	return h.before + key + ": " + value + h.after
}

// inYAML is a text in quotes.
func inYAML(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func allowing(hazards []plan.Hazard) hint {
	codes := make([]string, len(hazards))
	for i, h := range hazards {
		codes[i] = string(h.Code)
	}
	it := "it"
	if len(codes) > 1 {
		it = "them"
	}
	return hint{before: "allow " + it + " with ", flag: "allow", value: strings.Join(codes, ",")}
}

func inBrackets(says string) string {
	if says == "" {
		return ""
	}
	return " (" + says + ")"
}
