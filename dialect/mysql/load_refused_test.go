package mysql

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/rowsource"
)

// badRows are rows that LOAD DATA LOCAL changes or skips with only a warning, on at least
// one server.
var badRows = map[string]struct {
	field, value string
	not          string // the server that stores the value unchanged
}{
	"too long":            {field: "v", value: "1234"},
	"too long for latin1": {field: "c", value: "12345"},
	"not in latin1":       {field: "c", value: "😀", not: "tidb"},
	"out of range":        {field: "n", value: "128"},
	"no number":           {field: "n", value: "12x"},
	"empty number":        {field: "n", value: ""},
	"decimal range":       {field: "p", value: "1000"},
	"decimal rounded":     {field: "p", value: "1.005"},
	"bad date":            {field: "d", value: "2024-02-30"},
	"empty date":          {field: "d", value: ""},
	"bad enum":            {field: "e", value: "z"},
	"bad set":             {field: "s", value: "x,z"},
	"NULL":                {field: "r", value: "<NULL>"},
	"duplicate":           {field: "u", value: "u-1"},
	"duplicate key":       {field: "id", value: "1"},
	"check":               {field: "k", value: "0"},
	"foreign key":         {field: "f", value: "9"},
	"json":                {field: "j", value: "{bad"},
	"bit range":           {field: "b", value: "8"},
	"bit text":            {field: "b", value: "x"},
	"control characters":  {field: "n", value: "\x1b[31m"},
}

const badTable = `(id INT NOT NULL PRIMARY KEY, v VARCHAR(3), c VARCHAR(4) CHARACTER SET latin1, n TINYINT, p DECIMAL(5,2), d DATE, e ENUM('a','b'),
	s SET('x','y'), r INT NOT NULL, u VARCHAR(9) UNIQUE, k INT, f INT, j JSON, b BIT(3), ts TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT k_positive CHECK (k > 0), FOREIGN KEY (f) REFERENCES parent (id))`

func TestLoadBadRows(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		l.exec("DROP TABLE IF EXISTS t, parent", "CREATE TABLE parent (id INT PRIMARY KEY)", "INSERT INTO parent VALUES (1)")
		if l.server == "tidb" {
			l.exec("SET GLOBAL tidb_enable_check_constraint = ON")
		}
		columns := []dialect.Column{required("id", "int"), col("v", "varchar(3)"), col("c", "varchar(4)"), col("n", "tinyint"), col("p", "decimal(5,2)"), col("d", "date"),
			col("e", "enum('a','b')"), col("s", "set('x','y')"), required("r", "int"), col("u", "varchar(9)"), col("k", "int"), col("f", "int"), col("j", "json"), col("b", "bit(3)"),
			required("ts", "timestamp")}
		d := l.table(badTable, columns...)
		d.Table.PrimaryKey = []string{"id"}
		d.Table.ForeignKeys = []dialect.ForeignKey{{Columns: []string{"f"}}}
		l.facts.localInfile = l.facts.localInfile && l.server != "tidb" // see tidbLoad
		const rows = 9
		for name, bad := range badRows {
			for _, at := range []int{0, rows / 2, rows - 1} {
				if strings.HasPrefix(name, "duplicate") && at == 0 {
					continue
				}
				row := func(i int) []rowsource.Value {
					v := loadRow(fmt.Sprint(i+1), "abc", "äöü", "1", "1.25", "2024-02-29", "a", "x,y", "1", fmt.Sprintf("u-%d", i+1), "1", "1", "{}", "7", "2024-01-01 00:00:00")
					if i == at {
						v[slices.IndexFunc(columns, func(c dialect.Column) bool { return c.Name == bad.field })] = loadRow(bad.value)[0]
					}
					return v
				}
				_, err := l.load(d, generated(rows, row))
				if err == nil && l.server == bad.not {
					if diff := cmp.Diff([]string{bad.value}, l.query(fmt.Sprintf("SELECT %s FROM t WHERE id = %d", bad.field, at+1))); diff != "" {
						l.Errorf("%s (-want +got):\n%s", name, diff)
					}
					l.exec("ROLLBACK")
					continue
				}
				l.exec("ROLLBACK")
				column := bad.field
				if e, ok := errors.AsType[*rowsource.CellError](err); ok && e.Column == "" {
					column = "" // not every message names the column
				}
				wantCellError(l, err, at+2, column)
			}
		}
		l.exec("DROP TABLE t", "DROP TABLE parent")
	})
}

// TestLoadSeveralBadRows has bad rows far apart from each other.
func TestLoadSeveralBadRows(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		if l.server == "tidb" {
			l.exec("SET GLOBAL tidb_enable_check_constraint = ON")
		}
		d := l.table("(id INT NOT NULL PRIMARY KEY, v VARCHAR(5) CHECK (v <> 'no'))", required("id", "int"), col("v", "varchar(5)"))
		d.Table.PrimaryKey = []string{"id"}
		_, err := l.load(d, generated(20000, func(i int) []rowsource.Value {
			switch i {
			case 5000:
				return loadRow("7", "dup")
			case 5001, 15000:
				return loadRow(fmt.Sprint(i), "no")
			}
			return loadRow(fmt.Sprint(i), "ok")
		}))
		l.exec("ROLLBACK")
		wantCellError(l, err, 5002, "id")
		for _, part := range []string{"line 5003", "line 15002"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				l.Errorf("no %s in: %v", part, err)
			}
		}
	})
}

func TestLoadLateDuplicate(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		d := l.table("(id INT NOT NULL PRIMARY KEY, v VARCHAR(50))", required("id", "int"), col("v", "varchar(50)"))
		d.Table.PrimaryKey = []string{"id"}
		v := rowsource.Text(strings.Repeat("v", 50))
		const rows = 70_000
		n, err := l.load(d, generated(rows, func(i int) []rowsource.Value {
			if i == rows-1 {
				i = 0
			}
			return []rowsource.Value{rowsource.Integer(int64(i)), v}
		}))
		l.exec("ROLLBACK")
		wantCellError(l, err, rows+1, "id")
		if n >= rows {
			l.Errorf("loaded %d rows", n)
		}
		if diff := cmp.Diff([]string{"0"}, l.query("SELECT COUNT(*) FROM t")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestLoadWithoutTransaction: without a transaction, the load cannot insert the rows again
// to find the bad one, and returns the server's error.
func TestLoadWithoutTransaction(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		d := l.table("(id INT NOT NULL PRIMARY KEY)", required("id", "int"))
		_, err := l.facts.load(l.Context(), l.words, l.conn, d, rowsFrom([][]rowsource.Value{loadRow("1"), loadRow("1")}))
		if err == nil || !strings.Contains(err.Error(), "Duplicate entry '1'") {
			l.Errorf("got %v", err)
		}
	})
}

// TestLoadDeadlock: after a deadlock has ended the transaction, the load inserts no row.
// It leaves out TiDB, whose unistore rolls back the other session.
func TestLoadDeadlock(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		d := l.table("(id INT NOT NULL PRIMARY KEY, v INT)", required("id", "int"), col("v", "int"))
		l.exec("INSERT INTO t VALUES (100, 0), (200, 0)", "SET innodb_lock_wait_timeout = 20", "START TRANSACTION", "UPDATE t SET v = 1 WHERE id = 100")
		other := newLoadTest(l.T, l.server, loadOther(l))
		// The server rolls back the session that has changed fewer rows.
		other.exec("CREATE TABLE IF NOT EXISTS w (id INT PRIMARY KEY)", "DELETE FROM w", "START TRANSACTION", "UPDATE t SET v = 2 WHERE id = 200")
		for i := range 50 {
			other.exec(fmt.Sprintf("INSERT INTO w VALUES (%d)", i))
		}
		done := make(chan error, 1)
		loads := l.query("SELECT CONNECTION_ID()")[0]
		onlooker := newLoadTest(l.T, l.server, loadOther(l))
		go func() {
			wait.Until(l, "the load waits for the other session", func() bool {
				var waits bool // ask again after an error, see mysqltest.SessionsUnreadable
				err := onlooker.conn.QueryRowContext(l.Context(), "SELECT trx_state = 'LOCK WAIT' FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = "+loads).Scan(&waits)
				return err == nil && waits
			})
			_, err := other.conn.ExecContext(l.Context(), "UPDATE t SET v = 2 WHERE id = 100")
			done <- err
		}()
		_, err := l.facts.load(l.Context(), l.words, l.conn, d, rowsFrom([][]rowsource.Value{loadRow("1", "1"), loadRow("200", "1")}))
		if err == nil || !strings.Contains(err.Error(), "1213") {
			l.Errorf("got %v", err)
		}
		if _, ok := errors.AsType[*rowsource.CellError](err); ok {
			l.Errorf("a row is blamed: %v", err)
		}
		if err := <-done; err != nil {
			l.Error(err)
		}
		other.exec("ROLLBACK")
		if diff := cmp.Diff([]string{"100|0", "200|0"}, l.query("SELECT * FROM t")); diff != "" {
			l.Errorf("(-want +got):\n%s", diff)
		}
	}, "tidb")
}

func TestLoadRefusedValue(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		l.words = refusing{}
		d := l.table("(v VARCHAR(9))", col("v", "varchar(9)"))
		_, err := l.load(d, rowsFrom([][]rowsource.Value{loadRow("a"), loadRow("refused"), loadRow("b")}))
		l.exec("ROLLBACK")
		if e := wantCellError(l, err, 3, "v"); e != nil && e.Value != `"refused"` {
			l.Error(err)
		}
		broken := errors.New("broken")
		_, err = l.load(d, func() (rowsource.Row, error) { return rowsource.Row{}, broken })
		l.exec("ROLLBACK")
		if !errors.Is(err, broken) {
			l.Errorf("got %v", err)
		}
	})
}

type refusing struct{ plainWords }

func (refusing) Checker(dialect.Server, dialect.Table, dialect.Column) func(rowsource.Value) error {
	return func(v rowsource.Value) error {
		if v.Str() == "refused" {
			return errors.New("no")
		}
		return nil
	}
}

// TestLoadCancelled does not run in parallel, since it counts goroutines.
func TestLoadCancelled(t *testing.T) {
	for _, server := range loadServers {
		t.Run(server, func(t *testing.T) { inBothWays(t, server, loadCancelled) })
	}
}

func loadCancelled(l *loadTest) {
	before := runtime.NumGoroutine()
	d := l.table("(v VARCHAR(999))", col("v", "varchar(999)"))
	ctx, cancel := context.WithCancel(l.Context())
	defer cancel()
	l.exec("START TRANSACTION")
	const last = (batchesAhead + 2) * loadDataBytes / 999 // by this row, the server has a batch
	text, read := strings.Repeat("v", 999), 0
	_, err := l.facts.load(ctx, l.words, l.conn, d, generated(1_000*last, func(i int) []rowsource.Value {
		if i == last {
			cancel()
		}
		read = i
		return loadRow(text)
	}))
	if !errors.Is(err, context.Canceled) {
		l.Errorf("got %v", err)
	}
	if read != last {
		l.Errorf("%d rows were read, and the load was cancelled at row %d", read, last)
	}
	wait.Until(l, fmt.Sprintf("there are %d goroutines, as before", before), func() bool { return runtime.NumGoroutine() <= before })
}

// alteredRows are values that at least one server changes in strict mode without an error
// or a warning.
var alteredRows = []struct {
	field, value string
	not          string // the servers that store the value unchanged
}{
	{field: "n", value: "1.5"}, {field: "p", value: "1.005"},
	{field: "d", value: "1e-400"}, {field: "d", value: "9007199254740993"}, {field: "f", value: "1e-50"}, {field: "f", value: "16777217"},
	{field: "e", value: "A"}, {field: "e", value: "a "}, {field: "e", value: "1"},
	{field: "s", value: "x,x"}, {field: "s", value: "y,x"}, {field: "s", value: "X"}, {field: "s", value: "3"},
	{field: "c", value: "a "}, {field: "y", value: "69"},
	{field: "day", value: "24-6-1"}, {field: "day", value: "2024-06-01 10:00:00"}, {field: "at", value: "2024-06-01 10:11:12.9999999"}, {field: "at", value: "2024-06-01 10:11:12+02:00"},
	{field: "j", value: `{"a": 1, "a": 2}`, not: "mariadb mariadb11"}, {field: "j", value: "[12345678901234567890123]", not: "mariadb mariadb11"},
}

func TestLoadAltered(t *testing.T) {
	eachLoadServer(t, func(l *loadTest) {
		l.real()
		const members = " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
		json := "json"
		if strings.HasPrefix(l.server, "mariadb") {
			json = "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" // as the catalog shows it
		}
		columns := []dialect.Column{col("n", "int"), col("p", "decimal(5,2)"), col("d", "double"), col("f", "float"), col("e", "enum('a','b')"+members), col("s", "set('x','y')"+members),
			col("c", "char(3)"+members), col("y", "year"), col("day", "date"), col("at", "datetime(6)"), col("j", json)}
		definitions := make([]string, len(columns))
		for i, c := range columns {
			definitions[i] = c.Name + " " + c.Type
		}
		d := l.table("("+strings.Join(definitions, ", ")+")", columns...)
		for _, bad := range alteredRows {
			row := make([]rowsource.Value, len(columns))
			at := slices.IndexFunc(columns, func(c dialect.Column) bool { return c.Name == bad.field })
			row[at] = rowsource.Text(bad.value)
			_, err := l.load(d, rowsFrom([][]rowsource.Value{make([]rowsource.Value, len(columns)), row}))
			got := l.query("SELECT " + bad.field + " FROM t WHERE " + bad.field + " IS NOT NULL")
			l.exec("ROLLBACK")
			if !slices.Contains(strings.Fields(bad.not), l.server) {
				wantCellError(l, err, 3, bad.field)
			} else if err != nil || !slices.Equal(got, []string{bad.value}) {
				l.Errorf("%s is now %q: %v", bad.value, got, err)
			}
		}
	})
}
