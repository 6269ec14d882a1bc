package rowsource

import "strings"

// optionPrefix marks a remedy that is a value of an option.
const optionPrefix = "option "

// Suggest is the remedy to set an option of [Options]. The name is that of the flag.
func Suggest(option, value string) Remedy { return Remedy(optionPrefix + option + "=" + value) }

// Option is the option that the remedy sets, under the name of its flag, and the value; ok
// is false for all other remedies.
func (r Remedy) Option() (name, value string, ok bool) {
	if says, found := strings.CutPrefix(string(r), optionPrefix); found {
		return strings.Cut(says, "=")
	}
	return "", "", false
}
