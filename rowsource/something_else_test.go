package rowsource

import (
	"errors"
	"strings"
	"testing"
)

// A file of another format says which one it is, and is read as that.
func TestFilesUnderAnotherName(t *testing.T) {
	for _, f := range []Format{FormatXLSX, FormatODS, FormatParquet, FormatJSON} {
		content := optionFile(t, f)
		if f == FormatJSON {
			content = []byte("[\n{\"b\": \"x\"}]\n")
		}
		_, err := readAll(Bytes(content, Options{Name: "x.csv"}))
		remedy, ok := errors.AsType[*RemedyError](err)
		if !ok || len(remedy.Remedies) != 1 || !strings.Contains(message(err), "read it as the format "+string(f)+", ") {
			t.Errorf("%s: got %v, want the format as its remedy", f, err)
			continue
		}
		option, value, ok := remedy.Remedies[0].Option()
		if f != FormatJSON && (!ok || option != "input-format" || value != string(f)) || f == FormatJSON && remedy.Remedies[0] != RemedyJSON {
			t.Errorf("%s: got the remedy %q", f, remedy.Remedies[0])
		}
		if got, err := readAll(Bytes(content, Options{Name: "x.csv", Format: f})); err != nil || len(got.Rows) == 0 {
			t.Errorf("%s: read as the remedy says: got %v and %v", f, got.Rows, err)
		}
	}
}
