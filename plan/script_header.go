package plan

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// header says all that a summary of the plan says, and how to read the script.
func (s *script) header() {
	s.about()
	s.howToRead()
	s.line("")
}

// about says what the plan does.
func (s *script) about() {
	o := summarizeFor(s.d, s.p, summary{opts: SummaryOptions{Restore: s.opts.Restore, Allow: s.opts.Allow}, digits: wholeDigest})
	s.comment("tablesnap: %s", s.p.Does())
	s.comment("")
	if s.p.Set == nil { // a set has one hash
		s.fact(o.Facts[0])
	}
	s.fact(fact{"database", string(s.d.Facts().Name)})
	s.fact(fact{"table", strings.TrimSuffix(inFull(s.p.Upload.Table)+", strategy "+string(s.p.Upload.Strategy), ", strategy ")})
	s.fact(fact{"kind", s.p.Upload.Kind.Name})
	for _, f := range o.Facts[1:] {
		s.fact(f)
	}
	s.aboutSync()
	s.aboutRetention()
	s.comment("")
	s.comment("group and step")
	for i, g := range o.Groups {
		for _, st := range g.Steps {
			s.comment("  %2d %3d. %-17s %-25s %s", i+1, st.Number, st.Kind, st.Table, st.Rows)
		}
	}
	for _, r := range o.Reasons {
		s.comment("")
		s.reason(r)
	}
}

// fact writes a fact, unless there is nothing to say.
func (s *script) fact(f fact) {
	if f.Says != "" {
		s.hanging(fmt.Sprintf("%-9s ", f.Label), f.Says, strings.Repeat(" ", 10))
	}
}

func (s *script) reason(r reason) {
	if r.Stands == standsWarned {
		s.comment("warning %s: %s", r.Code, r.Says)
		return
	}
	s.comment("HAZARD %s: %s", r.Code, r.Says)
	if r.Stands == standsAllowed {
		s.comment("  allowed by the user")
		return
	}
	s.comment("  refused unless %s; this script stops at once", r.Unless)
}

// Does says in a few words what the plan does.
func (p Plan) Does() string {
	u := p.Upload
	switch p.Operation {
	case OpRestore:
		return fmt.Sprintf("bring back %s of %s", u.Source.Name, u.Table.Name)
	case OpBackup:
		return fmt.Sprintf("take a snapshot of %s", u.Table.Name)
	case OpPrune:
		return fmt.Sprintf("delete snapshots of %s: %s", u.Table.Name, u.Source.Name)
	default:
		return fmt.Sprintf("replace all rows of %s with those of %s", u.Table.Name, u.Source.Name)
	}
}

// timeOfRun stands for a timestamp that is known only when the plan runs.
const timeOfRun = "(the time of the run)"

// aboutChecks names the checks. Those of the source were made when it was read.
func (s *script) aboutChecks() {
	ofSource, ofRows := s.p.checkNames()
	if len(ofSource) > 0 {
		s.comment("checked   in %s: %s", s.p.Upload.Source.Name, strings.Join(ofSource, ", "))
	}
	if len(ofRows) > 0 {
		s.comment("checks    the new rows: %s", strings.Join(ofRows, ", "))
	}
}

// aboutSync says how rows are matched.
func (s *script) aboutSync() {
	if key := s.p.Upload.Key; s.p.Upload.Strategy == dialect.Sync && len(key) > 0 {
		s.fact(fact{"key", strings.Join(key, ", ") + ": rows are matched by it, and only those that differ are written"})
	}
}

// aboutRetention says which old snapshots are deleted, and which are kept for a reason.
func (s *script) aboutRetention() {
	r := s.p.Retention
	if r == nil {
		return
	}
	goes := "no older snapshot goes"
	switch {
	case s.p.Binding == BoundToNone:
		goes = "which snapshots go at the end depends on those that there are"
	case len(r.Deletes) == 1:
		goes = VersionsName(r.Deletes) + " goes at the end, and cannot be brought back after that"
	case len(r.Deletes) > 1:
		goes = VersionsName(r.Deletes) + " go at the end, and cannot be brought back after that"
	}
	s.fact(fact{"retention", fmt.Sprintf("%s: %s", r.Rule, goes)})
	for _, k := range r.Stays {
		s.fact(fact{"", fmt.Sprintf("version %d stays: %s", k.Version, k.Why)})
	}
}

// howToRead explains how to read and run the script.
func (s *script) howToRead() {
	s.comment("")
	s.comment("Each assertion (\"must be true\") stops the script if it does not hold.")
	if !s.p.Atomic() || len(s.p.NoneCutOff) > 0 { // otherwise a run that is cut off leaves nothing to recover
		s.comment("If the script ends midway, run \"tablesnap recover\": it finishes the run, or rolls it back.")
	}
	if s.p.Binding == BoundToNone {
		s.comment("This script is for any version of the table: it is for comparing, and fails at its first statement. Its versions are those of a first upload, 0 and 1.")
	} else if !s.showsAll() {
		s.comment("This script shows the first %d rows only: it is for reading, and fails at its first statement. To run it, %s.", s.opts.Rows, s.opts.toPrintAll())
	}
}

func inFull(i dialect.Ident) string {
	if i.Schema == "" {
		return i.Name
	}
	return i.Schema + "." + i.Name
}
