package postgres

import "testing"

// TestOtherProducts: databases that accept PostgreSQL's clients but behave differently
// are recognized by their version, or by a table that only they have.
func TestOtherProducts(t *testing.T) {
	for _, c := range []struct {
		version string
		dsql    bool
		want    string
	}{
		{"CockroachDB CCL v25.1.2 (x86_64-pc-linux-gnu, built 2025/03/17, go1.22.8)", false, "CockroachDB"},
		{"PostgreSQL 15.2-YB-2.25.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 17", false, "YugabyteDB"},
		{"PostgreSQL 16", true, "Aurora DSQL"},
		{"PostgreSQL 18.6 (Debian 18.6-3) on x86_64-pc-linux-gnu", false, ""},
		{"PostgreSQL 16.4 on aarch64-unknown-linux-gnu, compiled by gcc (Aurora)", false, ""},
	} {
		if got := otherProduct(c.version, c.dsql); got != c.want {
			t.Errorf("%q is %q, not %q", c.version, got, c.want)
		}
	}
}
