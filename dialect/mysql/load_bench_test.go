package mysql

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/rowsource"
)

const loadBenchRows = 1_000_000

const loadBenchTable = `(id INT NOT NULL PRIMARY KEY, sku VARCHAR(20) NOT NULL, name VARCHAR(60) NOT NULL, price DECIMAL(10,2) NOT NULL,
	currency CHAR(3) NOT NULL, valid_from DATETIME NOT NULL, remark VARCHAR(100), active VARCHAR(60) NOT NULL, KEY (sku)) CHARACTER SET utf8mb4`

// BenchmarkLoad loads 1,000,000 rows of 8 columns, 85 MB: a CSV file with LOAD DATA and
// with INSERT, and the same rows as a TSV file with the vendor's client.
func BenchmarkLoad(b *testing.B) {
	csv, tsv := loadBenchFiles(b)
	for _, server := range loadServers {
		b.Run(server, func(b *testing.B) {
			db := loadDatabase(b, server)
			b.Run("client", func(b *testing.B) { benchClient(b, server, db, tsv) })
			b.Run("load-data", func(b *testing.B) { benchLoad(b, db, csv, true) })
			b.Run("insert", func(b *testing.B) { benchLoad(b, db, csv, false) })
		})
	}
}

// loadBenchFiles writes the same rows to a CSV file and to a file in the default format of
// LOAD DATA.
func loadBenchFiles(b *testing.B) (csv, tsv string) {
	write := func(name, header, format string, null string) string {
		name = filepath.Join(b.TempDir(), name)
		f, err := os.Create(name)
		if err != nil {
			b.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		fmt.Fprint(w, header)
		for i := range loadBenchRows {
			fmt.Fprintf(w, format, i, i*7919%100_000_000, i%50, i%1000, i%100, i%12+1, i%28+1, null, i%10)
		}
		if err := errors.Join(w.Flush(), f.Close()); err != nil {
			b.Fatal(err)
		}
		return name
	}
	return write("bench.csv", "id,sku,name,price,currency,valid_from,remark,active\n",
			"%d,SKU-%08d,\"Widget, size %d\",%d.%02d,EUR,2024-%02d-%02d 12:00:00,%s,some longer remark é %d\n", ""),
		write("bench.tsv", "",
			"%d\tSKU-%08d\tWidget, size %d\t%d.%02d\tEUR\t2024-%02d-%02d 12:00:00\t%s\tsome longer remark é %d\n", `\N`)
}

func benchPrepare(b *testing.B, db *sql.DB) {
	b.Helper()
	for _, s := range []string{"DROP TABLE IF EXISTS t", "CREATE TABLE t " + loadBenchTable} {
		if _, err := db.Exec(s); err != nil {
			b.Fatal(err)
		}
	}
}

func benchClient(b *testing.B, server string, db *sql.DB, tsv string) {
	client := testservers.Client(b, server)
	c := testservers.MySQL(b, server)
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		b.Fatal(err)
	}
	var name string
	if err := db.QueryRow("SELECT DATABASE()").Scan(&name); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		benchPrepare(b, db)
		b.StartTimer()
		out, err := exec.Command(client, "--no-defaults", "--local-infile=1", "-h"+host, "-P"+port, "-u"+c.User, "--default-character-set=utf8mb4", name, "-e",
			"SET autocommit=0; LOAD DATA LOCAL INFILE '"+tsv+"' INTO TABLE t CHARACTER SET utf8mb4; COMMIT").CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
}

func benchLoad(b *testing.B, db *sql.DB, csv string, localInfile bool) {
	columns := []dialect.Column{required("id", "int"), required("sku", "varchar(20)"), required("name", "varchar(60)"), required("price", "decimal(10,2)"),
		required("currency", "char(3)"), required("valid_from", "datetime"), col("remark", "varchar(100)"), required("active", "varchar(60)")}
	load := dialect.Load{Source: "bench.csv", Format: rowsource.FormatCSV, Columns: columns,
		Table: dialect.Table{Ident: dialect.Ident{Name: "t"}, Columns: columns}}
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	run := func(s string) {
		b.Helper()
		if _, err := conn.ExecContext(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		b.StopTimer()
		benchPrepare(b, db)
		b.StartTimer()
		r, err := rowsource.File(csv, rowsource.Options{}).Open()
		if err != nil {
			b.Fatal(err)
		}
		facts, err := askLoadFacts(b.Context(), conn)
		if err != nil {
			b.Fatal(err)
		}
		facts.localInfile = localInfile
		run("START TRANSACTION")
		n, err := facts.load(b.Context(), plainWords{}, conn, load, r.Next)
		if err != nil || n != loadBenchRows {
			b.Fatal(n, err)
		}
		run("COMMIT")
		r.Close()
	}
}
