package rowsource

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSON(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	two := contents{[]string{"a", "b"}, [][]Value{{Integer(1), Text("x")}, {Null(), Integer(1)}}, nil}
	at := func(c contents, lines ...int) contents {
		c.Lines = lines
		return c
	}
	for _, test := range []struct {
		name, content string
		missing       Missing
		want          contents
		says          string
	}{
		{name: "an array on one line", content: `[{"a":1,"b":"x"},{"b":true,"a":null}]`, want: at(two, 1, 1)},
		{name: "a pretty array", content: "\uFEFF\n[\r\n  {\n    \"a\": 1,\n    \"b\": \"x\"\n  } ,\n  {\n    \"a\": null,\n    \"b\": true\n  }\n]\n\n", want: at(two, 3, 7)},
		{name: "pretty objects without an array", content: "{\n\"a\": 1,\n\"b\": \"x\"\n}\n{\n\"a\": null,\n\"b\": true}", want: at(two, 1, 5)},
		{name: "JSON Lines", content: "{\"a\": 1, \"b\": \"x\"}\n{\"a\": null, \"b\": true}\n", want: at(two, 1, 2)},
		{name: "a long value", content: `[{"a":"` + long + `"},{"a":2}]`, want: contents{[]string{"a"}, [][]Value{texts(long), {Integer(2)}}, []int{1, 1}}},
		{name: "nested", content: "[{\"a\": {\n \"b\": [1,\n2]}}]", want: contents{[]string{"a"}, [][]Value{texts("{\n \"b\": [1,\n2]}")}, []int{1}}},
		{name: "no rows", content: " [ ] ", want: contents{}},
		{name: "nothing", content: "\n", want: contents{}},
		{name: "missing members", content: `[{"b":1},{"a":2},{"c":3,"b":null}]`, missing: MissingIsNull,
			want: contents{[]string{"b", "a", "c"}, [][]Value{{Integer(1), Null(), Null()}, {Null(), Integer(2), Null()}, {Null(), Null(), Integer(3)}}, []int{1, 1, 1}}},
		{name: "a missing member", content: "[{\"a\":1,\"b\":2},\n{\"a\":1}]", says: "line 2: the row lacks the member \"b\""},
		{name: "one more member", content: "[{\"a\":1},\n\n{\"a\":1,\"b\":1}]", says: "line 3: the row has a member \"b\" that the first row has not"},
		{name: "a member twice", content: `[{"a":1},{"a":1,"a":1}]`, missing: MissingIsNull, says: "the member \"a\" twice"},
		{name: "an array of arrays", content: "[\n[1,2]]", says: "line 2: there is a value that is no JSON object"},
		{name: "a number", content: `5`, says: "no JSON object"},
		{name: "cut off in an object", content: "[{\"a\":1},\n{\"a\":", says: "the file ends before its JSON does"},
		{name: "cut off between objects", content: "[{\"a\":1},\n", says: "the file ends before its JSON does"},
		{name: "cut off before the end", content: "[{\"a\":1}\n", says: "the file ends before its JSON does"},
		{name: "no comma", content: "[{\"a\":1}\n{\"a\":2}]", says: "the file is no JSON"},
		{name: "a comma too many", content: "[{\"a\":1},\n]", says: "the file is no JSON"},
		{name: "more after the array", content: "[{\"a\":1}]\n[{\"a\":2}]", says: "line 2: more text follows"},
		{name: "a bad literal", content: "[{\"a\":1},\n{\"a\":tru}]", says: "line 2: the file is no JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readEachWay(t, []byte(test.content), Options{Name: "x.json", Missing: test.missing})
			if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			if diff := cmp.Diff(test.want, got, sameValue); err == nil && diff != "" {
				t.Errorf("%.2000s", diff)
			}
		})
	}
}

func TestJSONRecordTooLong(t *testing.T) {
	f := chunked([]byte(`[{"a":1},{"a":"`+strings.Repeat("x", 300_000)+`"}]`), Options{Name: "x.json"}, chunkings()["whole"])
	f.recordLimit = 1000
	if _, err := readAll(f); !strings.Contains(message(err), "is longer than 1000 bytes") {
		t.Error(err)
	}
}

func TestJSONLinesMissingMembers(t *testing.T) {
	content := []byte("{\"a\":1}\n\n{\"b\":2}\n")
	got, err := readEachWay(t, content, Options{Name: "x.jsonl", Missing: MissingIsNull})
	want := contents{[]string{"a", "b"}, [][]Value{{Integer(1), Null()}, {Null(), Integer(2)}}, []int{1, 3}}
	if diff := cmp.Diff(want, got, sameValue); diff != "" || err != nil {
		t.Error(err, diff)
	}
	_, err = readAll(Bytes(content, Options{Name: "x.jsonl"}))
	if remedy, ok := errors.AsType[*RemedyError](err); !ok || remedy.Remedies[0] != RemedyMissing {
		t.Error(err)
	}
	_, err = readAll(Bytes([]byte("[{\"a\":1}]"), Options{Name: "x.jsonl"}))
	if remedy, ok := errors.AsType[*RemedyError](err); !ok || remedy.Remedies[0] != RemedyJSON {
		t.Error(err)
	}
}

// FuzzJSON reads the same rows from an array as from JSON Lines.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`[{"a":1},{"a":"x"}]`, "{\"a\":\n{}}{\"a\":[1]}", "[", "[{}]", "{\"a\":1}\n{\"a\":2}\n", `[{"a":1}`, "[{\"a\":\"\\ud800\"}]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		got, err := readEachWay(t, content, Options{Name: "x.json"})
		_, errNull := readEachWay(t, content, Options{Name: "x.json", Missing: MissingIsNull})
		if err == nil && errNull != nil {
			t.Fatalf("accepted, but refused where members may be missing: %v", errNull)
		}
		lines, errLines := readAll(Bytes(content, Options{Name: "x.jsonl"}))
		if errLines != nil {
			return
		}
		if err != nil {
			t.Fatalf("refused, but accepted as JSON Lines: %v", err)
		}
		if diff := cmp.Diff(lines, got, sameValue); diff != "" {
			t.Fatal(diff)
		}
	})
}
