package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// limited is a database, and a user who has DROP only on the tables of a swap. On every
// server, revoking a privilege on a single table takes effect at once.
type limited struct {
	*testing.T
	in   conformance.Instance
	user string
	sent *conformance.Recorder
	c    *exec.Client
}

func newLimited(t *testing.T, s mysqltest.Server) limited {
	t.Helper()
	in := s.Database(t, dialect.Swap).Open(t)
	l := limited{T: t, in: in, user: "u_" + in.Schema, sent: &conformance.Recorder{}}
	l.admin("CREATE USER "+l.user, "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, TRIGGER, CREATE TEMPORARY TABLES ON `"+in.Schema+"`.* TO "+l.user)
	t.Cleanup(func() { l.admin("DROP USER " + l.user) })
	for _, table := range []string{"people", "people" + dialect.ShadowSuffix, "people" + dialect.OldSuffix} {
		l.admin("GRANT CREATE, DROP ON " + l.table(table) + " TO " + l.user)
	}
	config := testservers.MySQL(t, s.Name)
	config.User, config.Passwd, config.DBName = l.user, "", in.Schema
	connector, err := mysqldriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(l.sent.Connector(connector))
	t.Cleanup(func() { db.Close() })
	l.c = exec.New(db, s.Backend, exec.Identity{Actor: "ada"})
	l.admin("CREATE TABLE "+l.table("people")+" (id INT PRIMARY KEY)", "INSERT INTO "+l.table("people")+" VALUES (1)")
	return l
}

func (l limited) table(name string) string { return "`" + l.in.Schema + "`.`" + name + "`" }

func (l limited) admin(statements ...string) {
	l.Helper()
	for _, s := range statements {
		if _, err := l.in.Other.Exec(s); err != nil {
			l.Fatalf("%s: %v", s, err)
		}
	}
}

func (l limited) upload(doc, rows string) error { return l.uploadBy(dialect.Swap, doc, rows) }

func (l limited) uploadBy(strategy dialect.Strategy, doc, rows string) error {
	src := rowsource.Bytes([]byte("id\n"+rows), rowsource.Options{Name: "people.csv"})
	_, err := l.c.Upload(context.Background(), exec.Request{Table: "people", Kind: plan.AnyTable(), DocID: doc, Source: src,
		Options: plan.Options{Strategy: strategy, Allow: plan.Codes()}})
	return err
}

// revokeAt revokes DROP on a table before the first statement that contains the text.
func (l limited) revokeAt(text, table string) {
	done := false
	l.sent.BeforeEach(func(statement string) {
		if !done && strings.Contains(statement, text) {
			done = true
			l.admin("REVOKE DROP ON " + l.table(table) + " FROM " + l.user)
		}
	})
}

func (l limited) rows(want string) {
	l.Helper()
	var got string
	if err := l.in.Other.QueryRow("SELECT group_concat(id ORDER BY id) FROM " + l.table("people")).Scan(&got); err != nil {
		l.Fatal(err)
	}
	if got != want {
		l.Errorf("the table has the rows %s, want %s", got, want)
	}
}

func says(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
}

// TestRecoverOfRevokedRight: if DROP is revoked during a run, the run stays open and its
// error says so. Recover then names the missing privilege and changes nothing. With the
// privilege, recover ends the run, and the next upload works.
func TestRecoverOfRevokedRight(t *testing.T) {
	for _, c := range []struct{ name, at, revoked, rows string }{
		{"the shadow", "RENAME TABLE", "people" + dialect.ShadowSuffix, "1"},
		{"the old table", "DROP TABLE", "people" + dialect.OldSuffix, "2"},
	} {
		for _, s := range mysqltest.Servers() {
			if s.Backend.Facts().Name == mysql.NameTiDB && c.revoked == "people"+dialect.ShadowSuffix {
				continue // it needs no DROP on the second table of a rename
			}
			t.Run(c.name+"/"+s.Name, func(t *testing.T) {
				t.Parallel()
				revokedMidway(t, s, c.at, c.revoked, c.rows)
			})
		}
	}
}

func revokedMidway(t *testing.T, s mysqltest.Server, at, revoked, rows string) {
	l := newLimited(t, s)
	l.revokeAt(at, revoked)
	err := l.upload("doc_1", "2\n")
	grant := "GRANT DROP ON " + l.table(revoked) + " TO '" + l.user + "'@'%'"
	if _, ok := errors.AsType[*exec.CutOffError](err); !ok {
		t.Fatalf("the upload ended with %T: %v", err, err)
	}
	says(t, err, "tablesnap recover people", "GRANT DROP ON", revoked)
	l.rows(rows)
	if _, ok := errors.AsType[*exec.CutOffError](l.upload("doc_2", "3\n")); !ok {
		t.Error("the next upload does not say that a run was cut off")
	}
	l.refusedRecovery(grant)
	l.admin(grant)
	if _, err := l.c.Recover(t.Context(), "people", exec.DoRecover); err != nil {
		t.Errorf("recover, with the right: %v", err)
	}
	l.rows(rows)
	if err := l.upload("doc_3", "4\n"); err != nil {
		t.Errorf("the next upload: %v", err)
	}
	l.rows("4")
}

// refusedRecovery checks that recover names the missing privilege and changes nothing.
func (l limited) refusedRecovery(grant string) {
	l.Helper()
	planned, err := l.c.Recover(l.Context(), "people", exec.DryRun)
	if err != nil || len(planned) != 1 || len(planned[0].Missing) != 1 || !strings.Contains(planned[0].Missing[0], grant) {
		l.Errorf("recover would: %+v, %v", planned, err)
	}
	l.sent.Reset()
	_, err = l.c.Recover(l.Context(), "people", exec.DoRecover)
	if _, ok := errors.AsType[*plan.RefusedError](err); !ok {
		l.Errorf("recover ended with %T: %v", err, err)
	}
	says(l.T, err, grant)
	for _, statement := range l.sent.Sent() {
		if strings.HasPrefix(statement, "DROP") || strings.HasPrefix(statement, "INSERT") || strings.HasPrefix(statement, "UPDATE") || strings.HasPrefix(statement, "ALTER") {
			l.Errorf("recover has run %s", statement)
		}
	}
}
