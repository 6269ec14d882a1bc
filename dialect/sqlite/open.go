package sqlite

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tablesnap/tablesnap/internal/dsn"
)

// Open opens the database file of a DSN, sqlite:PATH, to read and write. A missing file
// is a *[NoFileError] unless the DSN ends in ?mode=rwc, and a file that is no SQLite
// database is a *[FileError]. Misspelled names in double quotes are errors, and
// statements wait up to wait for other programs' locks.
func Open(text string, wait time.Duration) (*sql.DB, error) {
	d, err := dsn.Parse(text)
	if err != nil {
		return nil, err
	}
	if !dsn.IsSQLite(d.Scheme) {
		return nil, &dsn.Error{Says: "names no SQLite file; write sqlite:PATH"}
	}
	query, err := url.ParseQuery(d.Settings)
	if err != nil {
		return nil, d.Refuse("has settings after the ? that can't be read")
	}
	exists, err := IsDatabaseFile(d.Name)
	if err != nil {
		return nil, err
	}
	if query.Get("mode") == "" {
		query.Set("mode", "rw") // an error if the file has been deleted meanwhile
	}
	if !exists && query.Get("mode") != "rwc" {
		return nil, &NoFileError{Path: d.Name}
	}
	return OpenFile(FileName(d.Name), query, wait)
}

// FileName is a path in the form that the driver expects.
func FileName(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// OpenFile opens a file by its name for the driver, with settings of the driver.
func OpenFile(name string, settings url.Values, wait time.Duration) (*sql.DB, error) {
	settings.Set("_dqs", "0") // an unknown name in double quotes is an error, not a string
	settings.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()))
	return sql.Open("sqlite", name+"?"+settings.Encode())
}

// NoFileError says that a database file does not exist.
type NoFileError struct{ Path string }

func (e *NoFileError) Error() string { return fmt.Sprintf("there is no database %q", e.Path) }

// FileError is about a file that cannot be read, or is no database.
type FileError struct{ Err error }

func (e *FileError) Error() string { return e.Err.Error() }

func (e *FileError) Unwrap() error { return e.Err }

// IsDatabaseFile returns an error if a file exists and is no SQLite database. SQLite
// itself reports that later, and less clearly.
func IsDatabaseFile(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return false, &FileError{fmt.Errorf("open the database %q: %w", path, err)}
		}
		return false, nil
	}
	if err != nil {
		return false, &FileError{fmt.Errorf("open the database: %w", err)}
	}
	defer f.Close()
	magic := make([]byte, 16)
	n, err := io.ReadFull(f, magic)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, &FileError{fmt.Errorf("open the database: %w", err)}
	}
	if n > 0 && !bytes.Equal(magic[:n], []byte("SQLite format 3\x00")[:n]) {
		return false, &FileError{fmt.Errorf("open the database %q: the file is no SQLite database", path)}
	}
	return true, nil
}
