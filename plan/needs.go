package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Needs are the privileges that a run of the plan needs. It leaves out what runs only
// after a step has failed, and column drops, which may fail.
func (p Plan) Needs(d dialect.Dialect) []dialect.Need {
	needs := ledger.UpdateNeeds(d, p.Ledger.Migration)
	if p.Table != nil {
		needs = append(needs, dialect.Needs(p.Upload.Table, dialect.ToRead)...)
	}
	if p.Restored != nil { // a backup, or a table that was kept whole in place of one
		needs = append(needs, dialect.Needs(p.Restored.From, dialect.ToRead)...)
	}
	for _, s := range p.Steps() {
		needs = append(needs, p.stepNeeds(s)...)
	}
	needs = append(needs, p.referringNeeds()...)
	return dialect.DistinctNeeds(needs)
}

func (p Plan) stepNeeds(s Step) []dialect.Need {
	switch s.Kind {
	case CreateTable, CreateShadow, RecreateTable:
		return dialect.Needs(s.Table, dialect.ToCreate)
	case CreateBackup:
		return dialect.Needs(s.Table, dialect.ToCreate, dialect.ToIndex)
	case WidenBackup:
		return dialect.Needs(s.Table, dialect.ToAlter, dialect.ToIndex)
	case CopyAutoIncrement:
		if p.Upload.Strategy != dialect.Swap {
			return nil // it moves sequences: one that the user may not move stays where it is
		}
		return dialect.Needs(s.Table, dialect.ToAlter)
	case AddColumn, DropIndexes, AddIndexes:
		return dialect.Needs(s.Table, dialect.ToAlter)
	case DropColumn:
		if s.Table == p.Upload.Table && s.OnFailure == Continue && slices.Contains(p.Upload.Allow, DropBreaks) {
			return nil
		}
		return dialect.Needs(s.Table, dialect.ToAlter)
	case CreateStage, CompareRows, DropStage, DeleteRows, DetachRows, ParkRows, UpdateRows, AttachRows:
		return syncNeeds(s)
	case LoadRows:
		return p.loadNeeds(s)
	case CopyToBackup, InsertRows:
		return dialect.Needs(s.Table, dialect.ToInsert)
	case SwapTables:
		return p.renameNeeds()
	case KeepOld:
		return keepNeeds(s)
	case Clear:
		return p.clearNeeds(s)
	case DeleteSnapshot:
		return dialect.Needs(s.Table, dialect.ToRead, dialect.ToDelete)
	case DropOld, DropPreserved:
		return dialect.Needs(s.Table, dialect.ToDrop)
	case CheckRows:
		return p.checkNeeds(s)
	default:
		return nil
	}
}

func (p Plan) clearNeeds(s Step) []dialect.Need {
	if p.Upload.Clear == ClearByTruncate {
		return dialect.Needs(s.Table, dialect.ToTruncate)
	}
	return dialect.Needs(s.Table, dialect.ToDelete)
}

// keepNeeds are the privileges for renaming the old table.
func keepNeeds(s Step) []dialect.Need {
	old := dialect.Needs(s.Table.InSchemaOf(s.Details.From), dialect.ToCreate, dialect.ToInsert, dialect.ToAlter, dialect.ToDrop)
	return append(old, dialect.Needs(s.Table, dialect.ToCreate, dialect.ToInsert)...)
}

// checkNeeds are known only of the backup: a query may read any table.
func (p Plan) checkNeeds(s Step) []dialect.Need {
	copied, ok := p.Find(CopyToBackup)
	if !ok || !s.Check.NeedsBackup {
		return nil
	}
	return dialect.Needs(copied.Table, dialect.ToRead)
}

func (p Plan) loadNeeds(s Step) []dialect.Need {
	if s.Table != p.Upload.Table && p.Upload.Strategy == dialect.Sync {
		return nil // who has made the table may fill it
	}
	return dialect.Needs(s.Table, dialect.ToInsert)
}

func syncNeeds(s Step) []dialect.Need {
	switch s.Kind {
	case DeleteRows:
		return dialect.Needs(s.Table, dialect.ToDelete)
	case DetachRows, ParkRows, UpdateRows, AttachRows:
		return dialect.Needs(s.Table, dialect.ToUpdate)
	case CreateStage:
		if s.AutoCommits {
			return dialect.Needs(s.Table, dialect.ToCreate, dialect.ToRead, dialect.ToInsert, dialect.ToDrop)
		}
		return dialect.Needs(dialect.Ident{Schema: s.Table.Schema}, dialect.ToMakeTemporary)
	default:
		return nil
	}
}

// referringNeeds are about the tables that refer to the table of a sync: it looks whether
// their rows refer to rows that are deleted, and keeps it so until the commit.
func (p Plan) referringNeeds() []dialect.Need {
	if p.Upload.Strategy != dialect.Sync || p.Table == nil {
		return nil
	}
	var needs []dialect.Need
	for _, f := range p.Table.ReferencedBy {
		needs = append(needs, dialect.Needs(f.Table, dialect.ToRead)...)
		if f.ChangesRows() && !slices.Contains(p.Upload.Allow, FKCascade) {
			needs = append(needs, dialect.Needs(f.Table, dialect.ToLock)...)
		}
	}
	return needs
}

// renameNeeds are the privileges that MySQL and MariaDB require for renaming two tables
// at once (https://dev.mysql.com/doc/refman/8.4/en/rename-table.html).
func (p Plan) renameNeeds() []dialect.Need {
	needs := dialect.Needs(p.Upload.Table, dialect.ToCreate, dialect.ToInsert, dialect.ToAlter, dialect.ToDrop)
	if made, ok := p.Find(CreateShadow); ok {
		needs = append(needs, dialect.Needs(made.Table, dialect.ToAlter, dialect.ToDrop)...)
	}
	if dropped, ok := p.Find(DropOld); ok {
		needs = append(needs, dialect.Needs(dropped.Table, dialect.ToCreate, dialect.ToInsert)...)
	}
	return needs
}
