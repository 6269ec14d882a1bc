package nearest

import "testing"

func TestTo(t *testing.T) {
	names := []string{"email", "name", "first_name", "doc-id", "to"}
	for name, want := range map[string]string{
		"emial":  "email", // two letters are swapped
		"E-Mail": "email",
		"doc_id": "doc-id",
		"docid":  "doc-id",
		"age":    "", // a short name is near to everything
		"xyz":    "",
		"":       "",
	} {
		if got := To(name, names); got != want {
			t.Errorf("To(%q) is %q, want %q", name, got, want)
		}
	}
	if got := To("nam", []string{"name", "nami"}); got != "" {
		t.Errorf("To chooses %q of two that are as near", got)
	}
}
