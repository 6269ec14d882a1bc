package postgres

import "testing"

// TestMomentsInOrder: moments are ordered by their time in UTC, before Christ too.
func TestMomentsInOrder(t *testing.T) {
	ordered := []string{
		"4714-11-24 00:00:00 BC", "0045-01-01 BC", "0044-03-15 BC", "0001-12-31 23:59:59 BC", "0001-01-01", "0002-01-01",
		"1999-12-31 23:00:00+02", "2000-01-01 00:00:00+02", "1999-12-31 23:59:59", "2000-01-01", "1999-12-31 23:00:00-02", "2000-01-01 01:00:01",
		"2000-01-01 01:00:01.5", "2001-06-01", "9999-12-31", "10000-01-01", "294276-12-31 23:59:59.999999", "5874897-12-31",
	}
	moments := make([]moment, len(ordered))
	for i, s := range ordered {
		var ok bool
		if moments[i], ok = parseMoment(s); !ok {
			t.Fatalf("%q is no moment", s)
		}
	}
	for i, m := range moments {
		for j, o := range moments {
			if m.before(o) != (i < j) {
				t.Errorf("%s is before %s: %t", ordered[i], ordered[j], !(i < j))
			}
		}
	}
}
