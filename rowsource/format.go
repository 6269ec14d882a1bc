package rowsource

import (
	"io"
	"slices"
	"strconv"
	"strings"
)

// Format is how the rows are written.
type Format string

// The formats. FormatGo is that of rows handed over as Go values.
const (
	FormatCSV   Format = "csv"
	FormatTSV   Format = "tsv"
	FormatJSONL Format = "jsonl"
	// FormatJSON is one array of objects, or objects that follow each other, on any
	// number of lines.
	FormatJSON Format = "json"
	// FormatMySQL is what mysql -B, SELECT … INTO OUTFILE and mysqldump --tab write.
	FormatMySQL Format = "mysql"
	// FormatPGText is the text format of PostgreSQL's COPY.
	FormatPGText Format = "pgtext"
	// FormatXLSX and FormatODS are sheets of Excel and of LibreOffice.
	FormatXLSX    Format = "xlsx"
	FormatODS     Format = "ods"
	FormatParquet Format = "parquet"
	FormatGo      Format = "go"
)

// formatInfo is a line of the table of formats.
type formatInfo struct {
	format     Format
	extensions []string
	// magic are the bytes with which each of its files begins, if there are any.
	magic     string
	delimiter rune // 0: it has none
	// check refuses values of options that the format cannot follow. The options that it has
	// are those of limitedOptions.
	check func(Options) error
	// open reads up to the first row. If it fails, the caller closes content.
	open func(f file, content io.ReadCloser) (Reader, error)
}

// formatTable has every format that a file may have.
func formatTable() []formatInfo {
	return []formatInfo{
		{format: FormatCSV, extensions: []string{".csv"}, delimiter: ',', check: checkText(','), open: openCSV},
		{format: FormatTSV, extensions: []string{".tsv"}, delimiter: '\t', check: checkText('\t'), open: openCSV},
		{format: FormatJSONL, extensions: []string{".jsonl", ".ndjson"}, check: checkNothing, open: openJSONL},
		{format: FormatJSON, extensions: []string{".json"}, check: checkNothing, open: openJSON},
		{format: FormatMySQL, check: checkEscaped, open: openEscaped},
		{format: FormatPGText, check: checkEscaped, open: openEscaped},
		{format: FormatXLSX, extensions: []string{".xlsx", ".xlsm"}, magic: "PK\x03\x04", check: checkSheet, open: openXLSX},
		{format: FormatODS, extensions: []string{".ods"}, magic: "PK\x03\x04", check: checkSheet, open: openODS},
		{format: FormatParquet, extensions: []string{".parquet"}, magic: "PAR1", check: checkNothing, open: openParquet},
	}
}

// Formats are the formats that a file may have.
func Formats() []Format {
	var formats []Format
	for _, f := range formatTable() {
		formats = append(formats, f.format)
	}
	return formats
}

func (f Format) info() (info formatInfo, known bool) {
	table := formatTable()
	i := slices.IndexFunc(table, func(i formatInfo) bool { return i.format == f })
	if i < 0 {
		return formatInfo{}, false
	}
	return table[i], true
}

// hasLines reports whether a file of the format ends in a line end, unless it was cut off.
func (f Format) hasLines() bool {
	return f == FormatCSV || f == FormatTSV || f == FormatJSONL || f == FormatMySQL || f == FormatPGText
}

// LacksLineEnd reports whether content of the format, which has size bytes, may have been cut
// off, since its last line has no line end. It does not look into compressed content, whose
// end is known when it is read.
func (f Format) LacksLineEnd(content io.ReaderAt, size int64) (bool, error) {
	if size == 0 || !f.hasLines() {
		return false, nil
	}
	head, _, err := peek(io.NewSectionReader(content, 0, size), headSize)
	if err != nil || isPacked(head) {
		return false, err
	}
	var last [1]byte
	if _, err := content.ReadAt(last[:], size-1); err != nil && err != io.EOF {
		return false, err
	}
	return last[0] != '\n', nil
}

// IsSheet reports whether the rows are those of a spreadsheet.
func (f Format) IsSheet() bool { return f == FormatXLSX || f == FormatODS }

// hasRowNumbers reports whether a row's number is told, and not its line.
func (f Format) hasRowNumbers() bool { return f == FormatGo || f == FormatParquet || f.IsSheet() }

// isJSON reports whether the rows are JSON objects.
func (f Format) isJSON() bool { return f == FormatJSONL || f == FormatJSON }

// delimiter is 0 where the format has none.
func (f Format) delimiter() rune {
	info, _ := f.info()
	return info.delimiter
}

// extension is the one that most files of the format have. It is "" where none tells it.
func (f Format) extension() string {
	if info, _ := f.info(); len(info.extensions) > 0 {
		return info.extensions[0]
	}
	return ""
}

// formatOf is "" where no format has the extension.
func formatOf(extension string) Format {
	for _, f := range formatTable() {
		if slices.Contains(f.extensions, strings.ToLower(extension)) {
			return f.format
		}
	}
	return ""
}

// knownFormats names the formats for a message.
func knownFormats() string {
	var names []string
	for _, f := range formatTable() {
		name := strconv.Quote(string(f.format))
		if len(f.extensions) > 0 {
			name += " (" + strings.Join(f.extensions, ", ") + ")"
		}
		names = append(names, name)
	}
	last := len(names) - 1
	return "known are " + strings.Join(names[:last], ", ") + " and " + names[last]
}
