package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tablesnap": func() { os.Exit(run()) },
	})
}

// TestScripts runs the command line as a user would. Every call of tablesnap uses the
// command exits, so every exit code is checked.
func TestScripts(t *testing.T) {
	sqlitetest.Query(t, ":memory:", "SELECT 1;") // installs the sqlite3 program, which the scripts use too
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   scriptExits,
			"listing": scriptListing,
			"sql":     scriptSQL,
			"cutoff":  scriptCutOff,
			"hold":    scriptHold,
			"release": scriptRelease,
		},
	})
}

func setUpScript(e *testscript.Env) error {
	e.Setenv("ESC", "\x1b")
	e.Setenv("CSI", "\u009b")
	e.Setenv("NL", "\n")
	setUpHolder(e)
	uploads, err := filepath.Abs("../../testfixtures/uploads")
	e.Setenv("UPLOADS", uploads)
	e.Setenv("FILES", filepath.Join(filepath.Dir(uploads), "files"))
	return err
}

// exits CODE PROGRAM ARGS… runs a program. It must end with that exit code.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if secret := ts.Getenv("PASSWORD"); secret != "" && strings.Contains(ts.ReadFile("stdout")+ts.ReadFile("stderr"), secret) {
		ts.Fatalf("the password stands in the output")
	}
}

// for-each-verb CODE DSN runs every verb that opens the database. Each must end with that
// exit code. It needs a file a.csv.
func scriptForEachVerb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: for-each-verb CODE DSN")
	}
	for _, verb := range []string{
		"plan a.csv --table t --doc-id d", "apply a.csv --table t --doc-id d --yes", "history t", "diff t 0 1", "export t", "audit",
		"restore t --to 0 --yes", "backup t --doc-id d --yes", "prune t --keep 1 --yes", "pin t 1", "recover", "inspect t", "migrate",
	} {
		scriptExits(ts, false, slices.Concat([]string{args[0], "tablesnap"}, strings.Fields(verb), []string{"--dsn", args[1]}))
	}
}

// listing FOLDER FILE writes to FILE the names, modes and hashes of the files in FOLDER.
func scriptListing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: listing FOLDER FILE")
	}
	l, err := listing(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(l), 0o666))
}

func listing(folder string) (string, error) {
	var b strings.Builder
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %s %x\n", e.Name(), info.Mode(), sha256.Sum256(content))
		return err
	})
	return b.String(), err
}

// sql DATABASE STATEMENTS runs statements and prints the rows of the last one.
func scriptSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: sql DATABASE STATEMENT…")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range args[1:] {
		lines, err := queryLines(db, s)
		ts.Check(err)
		for _, l := range lines {
			fmt.Fprintln(ts.Stdout(), l)
		}
	}
}

// queryLines returns a line for each row, with | between the values.
func queryLines(db *sql.DB, query string) ([]string, error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var lines []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		words := make([]string, len(values))
		for i, v := range values {
			switch v := v.(type) {
			case nil:
				words[i] = "NULL"
			case string:
				words[i] = strconv.Quote(v)
			case []byte: // a text from a database server
				words[i] = strconv.Quote(string(v))
			default:
				words[i] = fmt.Sprint(v)
			}
		}
		lines = append(lines, strings.Join(words, "|"))
	}
	return lines, rows.Err()
}

// cutoff DATABASE puts a database into the state after kill -9 during a large transaction:
// it copies the files while the transaction is open.
func scriptCutOff(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: cutoff DATABASE")
	}
	ts.Check(cutOff(ts.MkAbs(args[0])))
}

func cutOff(path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=cache_size(10)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// These are more pages than fit into the cache, so SQLite writes the journal and then
	// changes the database file (or writes to the log).
	if _, err := tx.Exec(`CREATE TABLE cut_off AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		SELECT i, hex(randomblob(100)) AS filler FROM n`); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		content, err := os.ReadFile(path + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "cut-"+filepath.Base(path)+suffix), content, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// holder holds a lock on a database for a script.
type holder struct{ conn *sql.Conn }

type holderKey struct{}

func setUpHolder(e *testscript.Env) {
	h := &holder{}
	e.Values[holderKey{}] = h
	e.Defer(func() { _ = h.release() })
}

// hold runs statements in a session of its own, which stays open.
func (h *holder) hold(db *sql.DB, statements ...string) (err error) {
	if h.conn, err = db.Conn(context.Background()); err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := h.conn.ExecContext(context.Background(), s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// release ends the session.
func (h *holder) release() error {
	if h.conn == nil {
		return nil
	}
	err := h.conn.Raw(func(any) error { return driver.ErrBadConn }) // the pool closes it
	h.conn = nil
	if !errors.Is(err, driver.ErrBadConn) {
		return err
	}
	return nil
}

// hold DATABASE MODE holds the lock of BEGIN IMMEDIATE, BEGIN EXCLUSIVE or a reader, until
// release or the end of the script.
func scriptHold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: hold DATABASE IMMEDIATE|EXCLUSIVE|READ")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { _ = db.Close() })
	mode := args[1]
	if mode == "READ" {
		mode = "DEFERRED; SELECT count(*) FROM sqlite_master" // the first read takes the lock
	}
	ts.Check(ts.Value(holderKey{}).(*holder).hold(db, "BEGIN "+mode))
}

// scriptHoldOn is hold STATEMENT… on a server: a session runs the statements, and stays
// open until release or the end of the script.
func scriptHoldOn(db *sql.DB) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) == 0 {
			ts.Fatalf("usage: hold STATEMENT…")
		}
		ts.Check(ts.Value(holderKey{}).(*holder).hold(db, args...))
	}
}

func scriptRelease(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: release")
	}
	ts.Check(ts.Value(holderKey{}).(*holder).release())
}
