package spelling

import "testing"

func TestNumber(t *testing.T) {
	for s, want := range map[string]string{
		"0": "", "-7": "", "1.50": "", ".5": "", "5.": "", "-0.25": "", "1e5": "", "1.5E-3": "", "0.5": "",
		"": NoNumber, ".": NoNumber, "-": NoNumber, "x": NoNumber, "1,5": DecimalComma, "-0,25": DecimalComma, "1,2345": DecimalComma, "1,234": NoNumber, "1,2,3": NoNumber, "1.5,2": NoNumber, ",": NoNumber, "0x10": NoNumber, "NaN": NoNumber, "1e": NoNumber, "1 2": NoNumber,
		" 1": "has blanks around it, which would be dropped", "1\t": "has blanks around it, which would be dropped",
		"+1": "has a plus sign, which would be dropped", "007": "has leading zeros, which would be dropped", "-00.5": "has leading zeros, which would be dropped",
	} {
		if _, got := Number(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestMissing(t *testing.T) {
	for s, want := range map[string]string{
		"2024-02-29": "", "2023-02-29": NoDay, "1900-02-29": NoDay, "2000-02-29": "", "2024-13-01": NoDay, "2024-04-31": NoDay,
		"0000-00-00": "", "2024-00-10": "", "2024-10-00": "", "2024-13-00": NoDay, "2024-00-32": NoDay, "12024-02-29": "",
		"2024-02-29 23:59:59": "", "2024-02-29T23:59": "", "2024-02-29 24:00:00": NoTimeOfDay, "2024-02-29 24:00": NoTimeOfDay, "2024-02-29 23:60": NoTimeOfDay,
		"2024-02-29 23:59:60": NoTimeOfDay, "2024-02-29 23:59:59.5Z": "", "2023-02-29 10:00:00": NoDay,
	} {
		m, ok := ParseMoment(s, 6)
		if got := m.Missing(); !ok || got != want {
			t.Errorf("%q: got %q (%t), want %q", s, got, ok, want)
		}
	}
}

func TestParseMoment(t *testing.T) {
	for s, want := range map[string]Moment{
		"2024-02-29":                    {Year: 2024, Month: 2, Day: 29},
		"2024-02-29Z":                   {Year: 2024, Month: 2, Day: 29, Clock: Clock{Rest: "Z"}},
		"2024-02-29 1:00":               {Year: 2024, Month: 2, Day: 29, Clock: Clock{Rest: " 1:00"}},
		"2024-02-29T10:11":              {Year: 2024, Month: 2, Day: 29, HasTime: true, Clock: Clock{Hour: 10, Minute: 11}},
		"2024-02-29 10:11:12.340+02:00": {Year: 2024, Month: 2, Day: 29, HasTime: true, Clock: Clock{Hour: 10, Minute: 11, Second: 12, Fraction: "34", Rest: "+02:00"}},
		"2024-02-29 10:11:12. BC":       {Year: 2024, Month: 2, Day: 29, HasTime: true, Clock: Clock{Hour: 10, Minute: 11, Second: 12, Rest: " BC"}},
	} {
		if got, ok := ParseMoment(s, 4); !ok || got != want {
			t.Errorf("%q: got %+v (%t), want %+v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "x", "24-02-29", "2024-2-29", "2024/02/29", "20240229", "12024-02-29", " 2024-02-29"} {
		if m, ok := ParseMoment(s, 4); ok {
			t.Errorf("%q is taken for %+v", s, m)
		}
	}
	ordered := []string{"0000-01-01", "1900-12-31", "1902-01-01", "1968-12-31", "1969-01-01", "1969-12-31 23:59:59.9", "1970-01-01", "1970-01-01 00:00:00.000001", "1970-01-01 00:00:00.5", "1970-01-01 00:00:01", "2024-02-29", "9999-12-31"}
	for i, s := range ordered[1:] {
		earlier, _ := ParseMoment(ordered[i], 4)
		later, _ := ParseMoment(s, 4)
		if !earlier.Before(later) || later.Before(earlier) {
			t.Errorf("%s is not before %s", ordered[i], s)
		}
	}
}

// FuzzPlain compares the short way with the long one.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{
		"2024-02-29", "2023-02-29", "0000-01-01", "0001-01-01", "2024-00-01", "2024-01-00", "2024-13-01", "2024-04-31", "9999-12-31", "2024-1-01", "2024/01/01", "2024-01-01 ", "202a-01-01",
		"2024-02-29 23:59:59", "2024-02-29T00:00:00", "2024-02-29 24:00:00", "2024-02-29 23:60:00", "2024-02-29 23:59:60", "2024-02-29 23:59", "2024-02-29 23:59:59.5", "2024-02-29 23:59:59Z", "2023-02-29 00:00:00", "2024-02-29x00:00:00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := ParseMoment(s, 4)
		exists := ok && m.Rest == "" && m.Missing() == "" && m.Year > 0 && m.Month > 0 && m.Day > 0
		if got, want := IsPlainDay(s), exists && !m.HasTime; got != want {
			t.Errorf("%q is a plain day: %t, want %t", s, got, want)
		}
		if got, want := IsPlainMoment(s), exists && len(s) == len("YYYY-MM-DD hh:mm:ss"); got != want {
			t.Errorf("%q is a plain moment: %t, want %t", s, got, want)
		}
	})
}
