package mysql

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// loadWords are the methods of a dialect that a load uses.
type loadWords interface {
	dialect.Names
	Checker(dialect.Server, dialect.Table, dialect.Column) func(rowsource.Value) error
	field(dialect.Column) field
}

// The ways to load rows, as in the LoadsWith of [dialect.Server].
const (
	byLoadData = "LOAD DATA LOCAL"
	byInsert   = "INSERT"
)

// Load inserts rows; see loadRows.
func (d Dialect) Load(ctx context.Context, c dialect.Conn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	return loadRows(ctx, d, c, l, next)
}

// LoadShape is the statement of Load without the file's name and the values.
func (d Dialect) LoadShape(l dialect.Load) string { return loadShape(d, l) }

// Load checks the rows as MariaDB takes them.
func (d MariaDB) Load(ctx context.Context, c dialect.Conn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	return loadRows(ctx, d, c, l, next)
}

// Load inserts rows; see tidbLoad.
func (d TiDB) Load(ctx context.Context, c dialect.Conn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	return loadRows(ctx, d, c, tidbLoad(l), next)
}

// LoadShape is the statement of Load.
func (d TiDB) LoadShape(l dialect.Load) string { return loadShape(d, tidbLoad(l)) }

// loadRows inserts rows batch by batch with LOAD DATA LOCAL or INSERT, as the plan says.
// A second goroutine reads and checks the rows. Call it in a transaction: otherwise it
// cannot roll back a batch whose values the server has changed, or find the bad row.
func loadRows(ctx context.Context, words loadWords, c dialect.Conn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	facts, err := askLoadFacts(ctx, c)
	if err != nil {
		return 0, err
	}
	facts.localInfile = l.Server.LoadsWith == byLoadData
	return facts.load(ctx, words, c, l, next)
}

func loadShape(words loadWords, l dialect.Load) string {
	t := newRowText(words, l)
	if l.Server.LoadsWith == byLoadData {
		return t.loadData(words, l, "the source")
	}
	values := slices.Repeat([]string{"?"}, len(t.fields))
	return t.insertInto(words, l) + "(" + strings.Join(append(values, t.fixed...), ", ") + ")"
}

// tidbLoad uses INSERT for a table with foreign keys: TiDB's LOAD DATA does not check
// them (seen in 8.4, where INSERT does).
func tidbLoad(l dialect.Load) dialect.Load {
	if len(l.Table.ForeignKeys) > 0 {
		l.Server.LoadsWith = byInsert
	}
	return l
}

// loadFacts are the settings of the server that decide how the rows are sent.
type loadFacts struct {
	localInfile bool // the rows are sent by LOAD DATA LOCAL
	maxPacket   int
}

func askLoadFacts(ctx context.Context, c dialect.Conn) (f loadFacts, err error) {
	if err := c.QueryRowContext(ctx, "SELECT @@max_allowed_packet").Scan(&f.maxPacket); err != nil {
		return f, fmt.Errorf("ask how long a statement may be: %w", err)
	}
	return f, nil
}

func (f loadFacts) load(ctx context.Context, words loadWords, c dialect.Conn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	if err := allGiven(words, l); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	text := newRowText(words, l)
	limits := f.limits()
	r := newBatchReader(l, text, limits, next)
	go r.readAhead(ctx)
	defer r.stop(cancel)

	u := &uploader{ctx: ctx, conn: c, load: l, text: text, limits: f.insertLimits(), insert: text.insertInto(words, l)}
	if f.localInfile {
		defer u.serveFile(words, l)()
	}
	var loaded int64
	for b := range r.batches {
		if b.err != nil {
			return loaded, b.err
		}
		if err := u.send(b); err != nil {
			if ctx.Err() != nil { // the driver may only report a closed connection
				err = ctx.Err()
			}
			return loaded, err
		}
		loaded += int64(b.rows())
		r.used <- b
	}
	return loaded, ctx.Err()
}

// allGiven rejects a load without a value for a required column. MySQL's LOAD DATA would
// fill the column with 0 or "", without a warning.
func allGiven(words loadWords, l dialect.Load) error {
	for _, c := range l.Table.Columns {
		same := func(name string) bool { return words.SameName(name, c.Name) }
		given := slices.ContainsFunc(dialect.ColumnNames(l.Columns), same) ||
			slices.ContainsFunc(l.Fixed, func(f dialect.FixedValue) bool { return same(f.Column) })
		if c.Required() && !given {
			return fmt.Errorf("load %s into %s: column %q gets no value, and it has no default and takes no NULL", l.Source, words.QuoteTable(l.Table.Ident), c.Name)
		}
	}
	return nil
}

// uploader sends batches to the server.
type uploader struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one load
	conn   dialect.Conn
	load   dialect.Load
	text   *rowText
	insert string      // the INSERT statement before its rows
	limits batchLimits // of INSERT statements

	loadData string        // the LOAD DATA statement; empty if the rows are sent by INSERT
	file     *bytes.Reader // what the server reads
}

// serveFile registers the only "file" that the server can request. The returned function
// deregisters it.
func (u *uploader) serveFile(words loadWords, l dialect.Load) (done func()) {
	name := "tablesnap-" + rand.Text() // the driver has one registry for the whole process
	u.file = bytes.NewReader(nil)
	mysqldriver.RegisterReaderHandler(name, func() io.Reader { return u.file })
	u.loadData = u.text.loadData(words, l, "Reader::"+name)
	return func() { mysqldriver.DeregisterReaderHandler(name) }
}

const (
	savepoint         = "SAVEPOINT tablesnap_load"
	rollbackSavepoint = "ROLLBACK TO SAVEPOINT tablesnap_load"
)

// send loads a whole batch unchanged, or fails.
func (u *uploader) send(b *batch) error {
	if err := u.exec(savepoint); err != nil {
		return err
	}
	err := u.sendFailedAssertion(b)
	if err == nil || !u.isAboutRows(err) {
		return err
	}
	// If this fails, the transaction is over, and the rows would be committed.
	if u.exec(rollbackSavepoint) != nil {
		return u.withLines(b, err)
	}
	return u.isolateBadRows(b, err)
}

func (u *uploader) sendFailedAssertion(b *batch) error {
	if u.loadData == "" {
		return u.proved(u.insert+string(b.tuples), b.rows())
	}
	u.file.Reset(b.text)
	return u.proved(u.loadData, b.rows())
}

func (u *uploader) exec(statement string) error {
	_, err := u.conn.ExecContext(u.ctx, statement)
	return err
}

// proved runs a statement that loads rows, and fails unless the server accepted all of
// them without a warning. LOAD DATA LOCAL works like IGNORE, even in strict mode: it
// truncates values and skips rows with only a warning. The row count also shows skipped
// rows. https://dev.mysql.com/doc/refman/8.4/en/load-data.html#load-data-error-handling
func (u *uploader) proved(statement string, rows int) error {
	res, err := u.conn.ExecContext(u.ctx, statement)
	if err != nil {
		return err
	}
	taken, err := res.RowsAffected()
	if err != nil {
		return err
	}
	serverWarnings := 0
	// SELECT @@warning_count would clear the list in MySQL and TiDB.
	if err := u.conn.QueryRowContext(u.ctx, "SHOW COUNT(*) WARNINGS").Scan(&serverWarnings); err != nil {
		return fmt.Errorf("ask for the number of warnings: %w", err)
	}
	if taken == int64(rows) && serverWarnings == 0 {
		return nil
	}
	return u.serverWarnings(taken, rows, serverWarnings)
}

// serverWarnings returns the server's warnings about the last statement as an error.
func (u *uploader) serverWarnings(taken int64, rows, count int) error {
	found := &serverWarningsError{taken: taken, rows: rows, count: count}
	list, err := u.conn.QueryContext(u.ctx, "SHOW WARNINGS") // TiDB has no LIMIT here
	if err != nil {
		return fmt.Errorf("read the warnings: %w", err)
	}
	defer list.Close()
	for len(found.list) < maxNamed && list.Next() {
		var level string
		var e mysqldriver.MySQLError
		if err := list.Scan(&level, &e.Number, &e.Message); err != nil {
			return fmt.Errorf("read the warnings: %w", err)
		}
		found.list = append(found.list, &e)
	}
	if err := list.Err(); err != nil {
		return fmt.Errorf("read the warnings: %w", err)
	}
	return found
}

// serverWarningsError has the warnings about rows that the server changed or skipped.
type serverWarningsError struct {
	taken       int64
	rows, count int
	list        []*mysqldriver.MySQLError // the first maxNamed warnings
}

func (e *serverWarningsError) Error() string {
	said := make([]string, len(e.list))
	for i, r := range e.list {
		said[i] = refusal(r).Error()
	}
	return fmt.Sprintf("the server took %d of %s; its warnings (%d in all): %s", e.taken, dialect.Rows(int64(e.rows)), e.count, strings.Join(said, "; "))
}

func (e *serverWarningsError) Unwrap() []error {
	errs := make([]error, len(e.list))
	for i, r := range e.list {
		errs[i] = r
	}
	return errs
}
