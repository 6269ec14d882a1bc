package exec_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// changing is a file system whose one file has other content each time it is opened; the last
// one stays.
type changing struct {
	contents []string
	opened   int
}

func (c *changing) file() fstest.MapFS {
	return fstest.MapFS{"people.csv": {Data: []byte(c.contents[min(c.opened, len(c.contents)-1)])}}
}

func (c *changing) Stat(name string) (fs.FileInfo, error) { return c.file().Stat(name) }

func (c *changing) Open(name string) (fs.File, error) {
	f, err := c.file().Open(name)
	c.opened++
	return f, err
}

func (c *changing) request(o rowsource.Options) exec.Request {
	r := request("d1")
	r.Source = rowsource.FS(c, "people.csv", o)
	return r
}

// TestPlanningOpensOnce counts how often the file is opened.
func TestPlanningOpensOnce(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT, age INT, member BOOLEAN)")
	file := &changing{contents: []string{"Email,age,member,x\na,1.005,yes,1\nb,2,no,1\n"}}
	r := file.request(rowsource.Options{Ignore: []string{"x"}, Decimal: ","})
	p, err := d.client.Plan(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if p.Upload.Source.Rows != 2 || !p.Upload.Source.Read.Forms["member"].Truth {
		t.Errorf("planned %+v", p.Upload.Source)
	}
	if file.opened != 1 {
		t.Errorf("planning opened the file %d times", file.opened)
	}
	if _, err := d.client.Diff(context.Background(), exec.DiffRequest{Table: "people", File: r.Source}, nil); err != nil {
		t.Fatal(err)
	}
	if file.opened != 2 {
		t.Errorf("a comparison opened the file %d times", file.opened-1)
	}
}

// TestReplacedFileIsNoticed replaces the file between two readings of a planning.
func TestReplacedFileIsNoticed(t *testing.T) {
	const (
		wrong = "email,age\na,x\nb,2\nb,3\n"
		other = "email,age\na,y\nb,2\nb,3\n"
		good  = "email,age\na,1\nb,2\n"
	)
	const people = "CREATE TABLE people (email TEXT UNIQUE, age INT)"
	var rejects bytes.Buffer
	for name, test := range map[string]struct {
		create   string
		contents []string
		options  plan.Options
		rejects  io.Writer
	}{
		"bad rows are left out":             {people, []string{"email,age\na,x\nb,2\n", good}, plan.Options{MaxBadRows: 1}, nil},
		"types are inferred":                {"CREATE TABLE other (a INT)", []string{good, wrong}, plan.Options{Create: true, Types: plan.InferTypes}, nil},
		"bad rows are written":              {people, []string{wrong, other, wrong}, plan.Options{}, &rejects},
		"bad rows are written, and are few": {people, []string{wrong, good}, plan.Options{}, &rejects},
		"rows with the key of others are":   {people, []string{wrong, wrong, wrong, wrong, other, wrong}, plan.Options{}, &rejects},
	} {
		t.Run(name, func(t *testing.T) {
			d := newTestDatabase(t, test.create)
			file := &changing{contents: test.contents}
			r := file.request(rowsource.Options{})
			r.Options, r.Faults.Rejects = test.options, test.rejects
			_, err := d.client.Plan(context.Background(), r)
			if changed, ok := errors.AsType[*rowsource.ChangedError](err); !ok || !strings.Contains(changed.Error(), "read people.csv again: it changed meanwhile") {
				t.Errorf("got %v", err)
			}
			if rejects.Len() > 0 {
				t.Errorf("wrote %s", &rejects)
			}
		})
	}
}

// TestOpenedAheadIsClosed has the planning fail after the header was read.
func TestOpenedAheadIsClosed(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT)")
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/people.csv", []byte("email\na\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	closes := &closing{FS: os.DirFS(dir)}
	r := request("d1")
	r.Source = rowsource.FS(closes, "people.csv", rowsource.Options{Forms: map[string]rowsource.Form{"nosuch": {Trim: true}}})
	if _, err := d.client.Plan(context.Background(), r); err == nil || !strings.Contains(err.Error(), `"nosuch"`) {
		t.Errorf("got %v", err)
	}
	if closes.open != 0 {
		t.Errorf("%d files are still open", closes.open)
	}
}

// closing counts the files that are open.
type closing struct {
	fs.FS
	open int
}

func (c *closing) Stat(name string) (fs.FileInfo, error) { return fs.Stat(c.FS, name) }

func (c *closing) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	c.open++
	return &closingFile{f, c}, nil
}

type closingFile struct {
	fs.File
	of *closing
}

func (f *closingFile) Close() error {
	f.of.open--
	return f.File.Close()
}
