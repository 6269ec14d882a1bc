package rowsource

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadJSONL(t *testing.T) {
	tests := map[string]struct {
		content string
		want    contents
	}{
		"every kind of value": {
			content: `{"a":"x","b":null,"c":7,"d":true}` + "\n" + `{"a":"","b":"y","c":-9223372036854775808,"d":false}` + "\n",
			want: contents{[]string{"a", "b", "c", "d"}, [][]Value{
				{Text("x"), Null(), Integer(7), Integer(1)},
				{Text(""), Text("y"), Integer(-9223372036854775808), Integer(0)},
			}, []int{1, 2}},
		},
		"numbers keep their text": {
			content: `{"n":1.10}` + "\n" + `{"n":1e3}` + "\n" + `{"n":123456789012345678901234567890}` + "\n" + `{"n":-0}` + "\n" + `{"n":0.3333333333333333}`,
			want:    contents{[]string{"n"}, [][]Value{texts("1.10"), texts("1e3"), texts("123456789012345678901234567890"), texts("-0"), {Real(1.0 / 3)}}, []int{1, 2, 3, 4, 5}},
		},
		"members in another order, blanks, and lines without anything": {
			content: "\n {\"a\" : 1 ,\t\"b\": \"x\"} \r\n\r\n\n{ \"b\":\"y\",\"a\":2}\n\n",
			want:    contents{[]string{"a", "b"}, [][]Value{{Integer(1), Text("x")}, {Integer(2), Text("y")}}, []int{2, 5}},
		},
		"escapes": {
			content: `{"a\"b":"\u00e9\n\t\\\"\/\ud83d\ude00\u0000\ufffd` + "\ufffd" + `"}`,
			want:    contents{[]string{`a"b`}, [][]Value{texts("é\n\t\\\"/😀\x00\ufffd\ufffd")}, []int{1}},
		},
		"objects and arrays are text, and bytes": {
			content: `{"a":{"x": [1, "}"]},"b":[ {"y":"]"} ],"c":{"$base64":"AP8="},"d":{"$base64":"AP8=","e":1}}`,
			want: contents{[]string{"a", "b", "c", "d"}, [][]Value{
				{Text(`{"x": [1, "}"]}`), Text(`[ {"y":"]"} ]`), Blob([]byte{0, 0xff}), Text(`{"$base64":"AP8=","e":1}`)},
			}, []int{1}},
		},
		"a byte-order mark": {
			content: "\ufeff" + `{"a":1}`,
			want:    contents{[]string{"a"}, [][]Value{{Integer(1)}}, []int{1}},
		},
		"a line longer than what is read at once": {
			content: `{"a":"` + strings.Repeat("x", 3*chunkSize) + `"}` + "\n" + `{"a":"y"}`,
			want:    contents{[]string{"a"}, [][]Value{texts(strings.Repeat("x", 3*chunkSize)), texts("y")}, []int{1, 2}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readEachWay(t, []byte(tt.content), Options{Name: "people.jsonl", Format: FormatJSONL})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, sameValue); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadJSONLRefused(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"no JSON":                {"{\"a\":1}\nname,age\n", "people.jsonl line 2: the line is no JSON"},
		"an object of lines":     {"{\n\"a\":1\n}\n", "line 1: the line is no JSON"},
		"an array":               {`[{"a":1}]`, "line 1: the line is no JSON object"},
		"another member":         {"{\"a\":1}\n{\"a\":1,\"b\":2}", `line 2: the row has a member "b" that the first row has not`},
		"no member":              {"{\"a\":1,\"b\":2}\n{\"a\":1}", `line 2: the row lacks the member "b"`},
		"a member twice":         {"{\"a\":1}\n{\"a\":1,\"a\":2}", `line 2: the row has the member "a" twice`},
		"a column twice":         {"{\"a\":1,\"a\":2}", `line 1: the object has the member "a" twice, at 1 and at 2: rename one of them`},
		"a member without name":  {"{\"\":1}", `line 1: the object's member 1 has no name: give it one`},
		"no columns":             {"{}\n", "there are no columns"},
		"half a surrogate pair":  {`{"a":"x\ud83dy"}`, `column "a": a string holds half of a surrogate pair`},
		"bad base64":             {`{"a":{"$base64":"A"}}`, `line 1, column "a": "$base64"`},
		"bytes that are no text": {"{\"a\":1}\n{\"a\":\"\xff\"}", "line 2: column 7 (counted in characters): the byte 0xFF is not UTF-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readEachWay(t, []byte(tt.content), Options{Name: "people.jsonl", Format: FormatJSONL})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that says %q", err, tt.want)
			}
		})
	}
	null := "NA"
	if _, err := Bytes(nil, Options{Name: "a.jsonl", Format: FormatJSONL, Null: []string{null}}).Open(); err == nil {
		t.Error("a text for NULL was taken")
	}
}

// TestJSONLinesCharacterOnTheEdge reads a multi-byte character at every position around
// the end of the read buffer.
func TestJSONLinesCharacterOnTheEdge(t *testing.T) {
	for _, character := range []string{"é", "€", "😀"} {
		for ahead := chunkSize - 40; ahead < chunkSize+8; ahead++ {
			want := strings.Repeat("x", ahead) + character + "end"
			r, err := Bytes([]byte(`{"a":"`+want+`"}`+"\n"), Options{Name: "long.jsonl"}).Open()
			if err != nil {
				t.Fatalf("%s behind %d bytes: %v", character, ahead, err)
			}
			row, err := r.Next()
			if err != nil || row.Values[0] != Text(want) {
				t.Fatalf("%s behind %d bytes: %v, %v", character, ahead, row.Values, err)
			}
		}
	}
}
