package spelling

import "testing"

func TestNumber(t *testing.T) {
	for s, want := range map[string]string{
		"0": "", "-7": "", "1.50": "", ".5": "", "5.": "", "-0.25": "", "1e5": "", "1.5E-3": "", "0.5": "",
		"": NoNumber, ".": NoNumber, "-": NoNumber, "x": NoNumber, "1,5": NoNumber, "0x10": NoNumber, "NaN": NoNumber, "1e": NoNumber, "1 2": NoNumber,
		" 1": "has blanks around it, which would be dropped", "1\t": "has blanks around it, which would be dropped",
		"+1": "has a plus sign, which would be dropped", "007": "has leading zeros, which would be dropped", "-00.5": "has leading zeros, which would be dropped",
	} {
		if got := Number(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	const noDay, noTime = "is a day that does not exist", "has a time of day that does not exist"
	for s, want := range map[string]string{
		"2024-02-29": "", "2023-02-29": noDay, "1900-02-29": noDay, "2000-02-29": "", "2024-13-01": noDay, "2024-04-31": noDay,
		"0000-00-00": "", "2024-00-10": "", "2024-10-00": "", "12024-02-29": "",
		"2024-02-29 23:59:59": "", "2024-02-29T23:59": "", "2024-02-29 24:00:00": noTime, "2024-02-29 24:00": noTime, "2024-02-29 23:60": noTime,
		"2024-02-29 23:59:60": noTime, "2024-02-29 23:59:59.5Z": "", "2023-02-29 10:00:00": noDay,
	} {
		if got := Moment(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
