package rowsource

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestFindKeyFault(t *testing.T) {
	for _, c := range []struct {
		name, file string
		key        []string
		want       *KeyFault
	}{
		{"none", "a,b\n1,x\n2,x\n", []string{"a"}, nil},
		{"twice", "a,b\n1,x\n2,x\n1,y\n2,z\n", []string{"a"}, &KeyFault{Lines: []int{2, 4}, Key: `"1"`}},
		{"of two columns", "a,b\n1,x\n1,y\n2,x\n1,y\n", []string{"a", "b"}, &KeyFault{Lines: []int{3, 5}, Key: `"1", "y"`}},
		{"two columns that are the same together", "a,b\n1,11\n11,1\n", []string{"a", "b"}, nil},
		{"missing", "a,b\n1,x\n,y\n,z\n", []string{"a"}, &KeyFault{Lines: []int{3}, Missing: "a"}},
		{"a file without rows", "a\n", []string{"a"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := FindKeyFault(context.Background(), Bytes([]byte(c.file), Options{Format: FormatCSV}), c.key)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

// TestKeySorter sorts more keys than it keeps in memory.
func TestKeySorter(t *testing.T) {
	s := &keySorter{most: 100}
	defer s.close()
	for i := range 1000 {
		if err := s.add(keyOf(i+2, []Value{Text(strings.Repeat("k", i%10) + fmt.Sprint(i%990))})); err != nil {
			t.Fatal(err)
		}
	}
	first, second, err := s.same()
	if err != nil || first != 2 || second != 992 {
		t.Errorf("got lines %d and %d, %v, want 2 and 992", first, second, err)
	}
}
