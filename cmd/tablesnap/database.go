package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/xo/dburl"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
)

// access is what a verb may do to the database.
type access string

const (
	readOnly  access = "read only"
	readWrite access = "read and write"
)

// database is an open database with its dialect.
type database struct {
	db      *sql.DB
	backend dialect.Backend
}

func (d database) client(actor string) *exec.Client {
	return exec.New(d.db, d.backend, exec.Identity{Actor: actor, Tool: toolVersion()})
}

// opener opens the databases of one family.
type opener func(*dburl.URL, access) (database, error)

// openers maps the scheme of a DSN to what opens it.
func openers() map[string]opener {
	return map[string]opener{"sqlite": openSQLite, "sqlite3": openSQLite}
}

func (a *app) open(how access) (database, error) {
	scheme, _, ok := strings.Cut(a.dsn, ":")
	open := openers()[scheme]
	if !ok || open == nil {
		// Not the DSN itself: it may hold a password.
		return database{}, usagef("--dsn (or TABLESNAP_DSN) begins with none of the schemes that this tablesnap speaks: %s", strings.Join(schemes(), ", "))
	}
	u, err := dburl.Parse(a.dsn)
	if err != nil {
		var inURL *url.Error // its message holds the whole URL
		if errors.As(err, &inURL) {
			err = inURL.Err
		}
		return database{}, usagef("read --dsn (or TABLESNAP_DSN): %w", err)
	}
	return open(u, how)
}

func schemes() []string {
	var names []string
	for n := range openers() {
		names = append(names, n+":")
	}
	slices.Sort(names)
	return names
}

// openSQLite opens a database file. Reading changes not one byte, also not next
// to the file: a file that does not exist is read as an empty database.
func openSQLite(u *dburl.URL, how access) (database, error) {
	path, query := u.Opaque, u.Query()
	if path == "" {
		path = u.Path
	}
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	if path == "" {
		return database{}, usagef("--dsn names no file; write sqlite:PATH")
	}
	exists, err := isDatabaseFile(path)
	if err != nil {
		return database{}, err
	}
	if !exists && query.Get("mode") == "rw" {
		return database{}, inputError{fmt.Errorf("open the database %q: there is no such file", path)}
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath()
	switch {
	case how == readOnly && !exists:
		name = ":memory:"
	case how == readOnly:
		query.Set("mode", "ro")
		if leavesNoTrace(path) {
			query.Set("immutable", "1")
		}
	}
	query.Set("_dqs", "0") // a name that does not exist is no string
	query.Add("_pragma", "busy_timeout(10000)")
	db, err := sql.Open("sqlite", name+"?"+query.Encode())
	if err != nil {
		return database{}, fmt.Errorf("open the database %q: %w", path, err)
	}
	if name == ":memory:" {
		db.SetMaxOpenConns(1) // each connection would be a database of its own
	}
	return database{db: db, backend: sqlite.New()}, nil
}

// isDatabaseFile refuses what is there and is no SQLite database, which SQLite
// itself says only after a while, and in other words.
func isDatabaseFile(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, inputError{fmt.Errorf("open the database: %w", err)}
	}
	defer f.Close()
	magic := make([]byte, 16)
	n, err := io.ReadFull(f, magic)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, inputError{fmt.Errorf("open the database: %w", err)}
	}
	if n > 0 && !bytes.Equal(magic[:n], []byte("SQLite format 3\x00")[:n]) {
		return false, inputError{fmt.Errorf("open the database %q: the file is no SQLite database", path)}
	}
	return true, nil
}

// leavesNoTrace reports whether the file must be read as one that nobody
// changes: in journal mode WAL with no log about, SQLite would make the log and
// its index only to read (https://www.sqlite.org/wal.html#read_only_databases).
func leavesNoTrace(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	header := make([]byte, 20)
	if _, err := io.ReadFull(f, header); err != nil {
		return false
	}
	const readVersion, wal = 19, 2 // https://www.sqlite.org/fileformat2.html#file_format_version_numbers
	_, err = os.Stat(path + "-wal")
	return header[readVersion] == wal && errors.Is(err, os.ErrNotExist)
}
