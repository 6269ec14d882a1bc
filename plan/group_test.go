package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The transaction asserts the reviewed version, however many columns are added before it.
func TestAddedColumnsKeepTheVersion(t *testing.T) {
	version, shape := Assertion{Message: "the version"}, Assertion{Message: "the shape"}
	added := Group{Auto: true, Steps: []Step{{Kind: AddColumn}}}
	groups := bindToReview([]Group{added, added, added, {Steps: []Step{{Kind: Clear}, {Kind: LoadRows}}}}, []Assertion{version, shape})
	if diff := cmp.Diff([]Assertion{version, shape}, groups[0].Before); diff != "" {
		t.Errorf("the first group: %s", diff)
	}
	if diff := cmp.Diff([]Assertion{version}, groups[3].Before); diff != "" {
		t.Errorf("the transaction: %s", diff)
	}
}
