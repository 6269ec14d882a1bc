package mysql

import (
	"context"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
)

// TestServerIsKnown: BackendFor recognizes each server, and the dialects of the other
// servers refuse to inspect it.
func TestServerIsKnown(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		found, err := BackendFor(context.Background(), l.db)
		if err != nil || found.Facts().Name != l.d.Facts().Name {
			t.Fatalf("it is %v, %v", found, err)
		}
		for _, d := range []dialect.Backend{New(), NewMariaDB(), NewTiDB()} {
			_, err := d.Inspect(context.Background(), l.db, dialect.Named("t"))
			if same := d.Facts().Name == l.d.Facts().Name; same != (err == nil) {
				t.Errorf("%s inspects %s: %v", d.Facts().Name, l.d.Facts().Name, err)
			} else if !same && !strings.Contains(err.Error(), "the server is "+string(l.d.Facts().Name)) {
				t.Error(err)
			}
		}
	})
}
