package plan

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// header says what the script does, and how to read it.
func (s *script) header() {
	u := s.p.Upload
	s.comment("tablesnap: %s", s.p.Does())
	s.comment("")
	s.comment("database  %s", s.d.Facts().Name)
	s.comment("table     %s, strategy %s", inFull(u.Table), u.Strategy)
	s.aboutVersions()
	s.comment("plan      SHA-256 %s", s.p.Hash())
	s.comment("")
	s.comment("group and step")
	for i, g := range s.p.Groups {
		for _, st := range g.Steps {
			s.comment("  %2d  %-20s %s", i+1, st.ID, st.Table.Name)
		}
	}
	for _, h := range s.p.Hazards {
		s.comment("")
		s.comment("HAZARD %s: %s", h.Code, h.Message)
		if h.Allowed == ByUser {
			s.comment("  allowed by the user")
		} else {
			s.comment("  refused unless the user allows it; this script stops at once")
		}
	}
	for _, w := range s.p.Warnings {
		s.comment("")
		s.comment("warning %s: %s", w.Code, w.Message)
	}
	s.howToRead()
	s.line("")
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

// aboutVersions says which version the plan makes, from which source, and which version
// it replaces.
func (s *script) aboutVersions() {
	u := s.p.Upload
	timestamp := orText(u.Timestamp, timeOfRun)
	switch s.p.Operation {
	case OpRestore:
		s.comment("restore   version %d, doc_id %s, upload_timestamp %s", u.Version, orText(u.DocID, "(none)"), timestamp)
		s.comment("replaces  %s", s.replaced())
		rows := dialect.Rows(u.Source.Rows)
		if s.p.Restored.Rows != "" {
			rows = "the rows that the upload copies there"
		}
		s.comment("source    %s in %s: %s", u.Source.Name, s.p.Restored.From.Name, rows)
		if back := s.p.Restored.Columns; len(back) > 0 {
			s.comment("columns   %s come back with it", strings.Join(back, ", "))
		}
	case OpBackup:
		s.comment("backup    of %s", s.replaced())
		s.comment("makes     version %d, the same contents, doc_id %s, upload_timestamp %s", u.Version, orText(u.DocID, "(none)"), timestamp)
	case OpPrune:
		s.comment("prune     %s, which cannot be brought back after that", u.Source.Name)
	default:
		s.comment("upload    %s, kind %s, doc_id %s, upload_timestamp %s", s.made(), u.Kind.Name, u.DocID, timestamp)
		s.comment("replaces  %s", s.replaced())
		s.comment("source    %s: %s, SHA-256 %s", u.Source.Name, dialect.Rows(u.Source.Rows), u.Source.SHA256)
		if read := u.Read().String(); read != "" {
			s.comment("reading   %s", read)
		}
		s.aboutRetention()
	}
	s.aboutSync()
	s.aboutChecks()
}

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

// aboutSync says how rows are matched, and what stays in them.
func (s *script) aboutSync() {
	u := s.p.Upload
	if u.Strategy != dialect.Sync || len(u.Key) == 0 {
		return
	}
	s.comment("key       %s: rows are matched by it, and only those that differ are written", strings.Join(u.Key, ", "))
	if len(u.Keeps) > 0 {
		s.comment("keeps     %s, which %s lacks: rows that stay keep it, and new rows get the default", strings.Join(u.Keeps, ", "), u.Source.Name)
	}
}

// aboutRetention says which old snapshots are deleted, and which are kept for a reason.
func (s *script) aboutRetention() {
	r := s.p.Retention
	if r == nil {
		return
	}
	goes := "no older snapshot goes"
	if s.p.Binding == BoundToNone {
		goes = "which snapshots go at the end depends on those that there are"
	}
	if len(r.Deletes) > 0 {
		goes = VersionsName(r.Deletes) + " goes at the end, and cannot be brought back after that"
		if len(r.Deletes) > 1 {
			goes = VersionsName(r.Deletes) + " go at the end, and cannot be brought back after that"
		}
	}
	s.comment("retention %s: %s", r.Rule, goes)
	for _, k := range r.Stays {
		s.comment("          version %d stays: %s", k.Version, k.Why)
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

// made is the version that an upload makes.
func (s *script) made() string {
	if s.p.Binding == BoundToNone {
		return "the next version"
	}
	return fmt.Sprintf("version %d", s.p.Upload.Version)
}

func (s *script) replaced() string {
	switch last := s.p.Ledger.Last; {
	case s.p.Table == nil:
		return "nothing: the table does not exist yet"
	case s.p.Binding == BoundToNone:
		return "the newest version"
	case last == nil:
		return "version 0, what stood there before the first upload"
	default:
		return fmt.Sprintf("version %d, doc_id %s, upload_timestamp %s, %s", last.Number, orText(last.DocID, "(none)"), orText(last.UploadTimestamp, timeOfRun), dialect.Rows(last.Rows))
	}
}

func inFull(i dialect.Ident) string {
	if i.Schema == "" {
		return i.Name
	}
	return i.Schema + "." + i.Name
}
