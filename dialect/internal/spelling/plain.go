package spelling

// IsPlainDay reports whether a text is a day that exists, of the year 1 or later, in the form
// YYYY-MM-DD. Most dates are, and all families keep them: they need not be taken apart.
func IsPlainDay(s string) bool {
	if len(s) != len("YYYY-MM-DD") || s[4] != '-' || s[7] != '-' {
		return false
	}
	century, year, month, day := twoDigits(s), twoDigits(s[2:]), twoDigits(s[5:]), twoDigits(s[8:])
	if century < 0 || year < 0 || century+year == 0 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= 28 || day <= daysIn(100*century+year, month)
}

// IsPlainMoment reports whether a text is a day of [IsPlainDay] with a time of day that
// exists, in the form hh:mm:ss.
func IsPlainMoment(s string) bool {
	const day, all = len("YYYY-MM-DD"), len("YYYY-MM-DD hh:mm:ss")
	if len(s) != all || s[day] != ' ' && s[day] != 'T' || s[13] != ':' || s[16] != ':' || !IsPlainDay(s[:day]) {
		return false
	}
	hour, minute, second := twoDigits(s[11:]), twoDigits(s[14:]), twoDigits(s[17:])
	return 0 <= hour && hour < 24 && 0 <= minute && minute < 60 && 0 <= second && second < 60
}

// twoDigits is the number at the start of a text, or -1.
func twoDigits(s string) int {
	if !isDigit(s[0]) || !isDigit(s[1]) {
		return -1
	}
	return 10*int(s[0]-'0') + int(s[1]-'0')
}
