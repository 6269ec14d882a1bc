package mysql

import "testing"

// TestOtherProducts: databases that accept MySQL's clients but behave differently are
// recognized by their version.
func TestOtherProducts(t *testing.T) {
	for says, want := range map[string]string{
		"8.0.30-vitess version: 22.0.1 revision: 1": "Vitess",
		"8.0.34-planetscale":                        "PlanetScale",
		"8.0.23-vitess planetscale":                 "PlanetScale",
		"8.4.3 mysql community server - gpl":        "",
		"10.11.18-mariadb-0+deb12u1 debian 12":      "",
		"8.0.11-tidb-v8.5.0 tidb server (apache)":   "",
	} {
		if got := otherProduct(says); got != want {
			t.Errorf("%q is %q, not %q", says, got, want)
		}
	}
}
