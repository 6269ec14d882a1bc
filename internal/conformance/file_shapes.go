package conformance

import "github.com/tablesnap/tablesnap/rowsource"

// plainShapes are files whose text is UTF-8 with the format's delimiter.
func plainShapes() []shape {
	return []shape{
		loads("plain.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("crlf.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("carriage-returns.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("mixed-line-ends.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("no-line-end-at-the-end.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("blank-lines.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("plain.tsv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("all-quoted.csv", rowsource.Options{}, `ada@example.com | Ada | 36`),
		loads("line-end-in-quotes.csv", rowsource.Options{}, `ada@example.com | "Ada\nLovelace" | 36`),
		loads("crlf-in-quotes.csv", rowsource.Options{}, `ada@example.com | "Ada\r\nLovelace" | 36`),
		loads("carriage-return-in-quotes.csv", rowsource.Options{}, `ada@example.com | "Ada\rLovelace" | 36`),
		loads("doubled-quotes.csv", rowsource.Options{}, `ada@example.com | "Ada \"the first\"" | 36`),
		loads("delimiter-in-quotes.csv", rowsource.Options{}, `ada@example.com | Lovelace, Ada | 36`),
		loads("header-only.csv", rowsource.Options{}),
		refuses("empty.csv", rowsource.Options{}, "read empty.csv: it is empty: its first line must name the columns"),
		refuses("only-a-mark.csv", rowsource.Options{}, "read only-a-mark.csv: it is empty: its first line must name the columns"),
		loads("emoji.csv", rowsource.Options{}, `ada@example.com | "Ada 😀" | 36`),
		loads("blanks-around.csv", rowsource.Options{}, `ada@example.com | Ada | 36`),
		refuses("short-row.csv", rowsource.Options{}, "short-row.csv line 3: the row has 2 values for 3 columns: look for a missing or an extra delimiter, or a value that needs quotes"),
		refuses("long-row.csv", rowsource.Options{}, "long-row.csv line 2: the row has 4 values for 3 columns: look for a missing or an extra delimiter, or a value that needs quotes"),
		refuses("cr-cr-lf.csv", rowsource.Options{}, `cr-cr-lf.csv line 1: the header's column 3 ("age\r") has a bare carriage return in it: lines must end in LF or CRLF, and this file's seem to end in CR or CR CR LF: convert its line ends`),
		refuses("cut-off-in-crlf.csv", rowsource.Options{}, "cut-off-in-crlf.csv line 3: the file ends in a carriage return without a line feed: it may be cut off, or have line ends that are not LF or CRLF"),
		refuses("quote-in-a-value.csv", rowsource.Options{}, "quote-in-a-value.csv line 2: column 21 (counted in bytes): a quote inside a value that has no quote before it: put the value in quotes and double the quotes in it, or read quotes as text"),
		refuses("text-after-a-quote.csv", rowsource.Options{}, "text-after-a-quote.csv line 2: column 21 (counted in bytes): a quote ends the value here, and more text follows: double the quotes that belong to the value"),
		refuses("unclosed-quote.csv", rowsource.Options{}, "unclosed-quote.csv line 2: the record that starts here has a quote that is not closed before the end of the file (line 4): close it, or double it if it belongs to the value"),
		refuses("merged-rows.csv", rowsource.Options{}, "merged-rows.csv line 2: a quote opens here and closes on line 8, and the 5 lines between look like rows: close the quote where its value ends; if they are one value, read quotes as RFC 4180 has them"),
		loads("quote-in-a-value.csv", rowsource.Options{Quote: rowsource.QuoteNone}, `ada@example.com | "Ada \"the first\"" | 36`),
		loads("quotes-are-text.csv", rowsource.Options{Quote: rowsource.QuoteNone}, `"\"ada@example.com" | "\"Ada" | 36`),
		refuses("quotes-are-text.csv", rowsource.Options{}, "quotes-are-text.csv line 2: column 18 (counted in bytes): a quote ends the value here, and more text follows: double the quotes that belong to the value"),
		loads("inches.tsv", rowsource.Options{}, `ada@example.com | "5\" disk" | 36`, `alan@example.com | "\"5\" disk" | 41`),
		loads("quoted-tab.tsv", rowsource.Options{}, `ada@example.com | "Ada\tLovelace" | 36`),
		loads("quoted-lines.tsv", rowsource.Options{}, `ada@example.com | "Ada\nLovelace" | 36`),
		refuses("unclosed-quote.tsv", rowsource.Options{}, "unclosed-quote.tsv line 2: a quote opens a value here and is not closed before the end of the file (line 3): close it, or read quotes as text"),
		refuses("unclosed-quote-meets-another.tsv", rowsource.Options{}, "unclosed-quote-meets-another.tsv line 2: a quote opens a value here, and the next one, on line 3, does not end it: double the quotes that belong to the value, or read quotes as text"),
		loads("unclosed-quote.tsv", rowsource.Options{Quote: rowsource.QuoteNone}, `ada@example.com | "\"Ada" | 36`, `alan@example.com | Alan | 41`),
		loads("plain.jsonl", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | NULL | 41`),
		loads("mark.jsonl", rowsource.Options{}, `ada@example.com | Ada | 36`),
		refuses("windows-1252.jsonl", rowsource.Options{}, "windows-1252.jsonl line 1: column 38 (counted in characters): the byte 0xEB is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"),
		loads("windows-1252.jsonl", rowsource.Options{Encoding: "windows-1252"}, `zoe@example.com | Zoë | 36`),
		refuses("member-missing.jsonl", rowsource.Options{}, `member-missing.jsonl line 2: the row lacks the member "name" that the first row has: write null for no value`),
	}
}

// encodingShapes are in other encodings.
func encodingShapes() []shape {
	return []shape{
		loads("utf-8-mark.csv", rowsource.Options{}, `zoe@example.com | Zoë | 36`),
		loads("two-marks.csv", rowsource.Options{}, `zoe@example.com | Zoë | 36`),
		loads("utf-16le-mark.csv", rowsource.Options{}, `zoe@example.com | Zoë | 36`),
		loads("utf-16be-mark.csv", rowsource.Options{}, `zoe@example.com | Zoë | 36`),
		loads("utf-32le-mark.csv", rowsource.Options{}, `zoe@example.com | Zoë | 36`),
		refuses("utf-16le.csv", rowsource.Options{}, "read utf-16le.csv: every second byte is 0, as in UTF-16LE without a byte-order mark: name the encoding, or save the file as UTF-8"),
		refuses("utf-16be.csv", rowsource.Options{}, "read utf-16be.csv: every second byte is 0, as in UTF-16BE without a byte-order mark: name the encoding, or save the file as UTF-8"),
		loads("utf-16le.csv", rowsource.Options{Encoding: "utf-16le"}, `zoe@example.com | Zoë | 36`),
		loads("utf-16be.csv", rowsource.Options{Encoding: "utf-16be"}, `zoe@example.com | Zoë | 36`),
		refuses("utf-16le.csv", rowsource.Options{Encoding: "utf-16"}, "read utf-16le.csv: it has no byte-order mark, so the encoding UTF-16 can be either of two: name utf-16le (as Windows writes it) or utf-16be"),
		refuses("utf-16le-odd-byte.csv", rowsource.Options{}, "utf-16le-odd-byte.csv line 3: column 1 (counted in characters): bytes here that mean nothing in UTF-16: name the encoding that the file has, or save it as UTF-8"),
		loads("utf-8-mark.csv", rowsource.Options{Encoding: "windows-1252"}, `zoe@example.com | Zoë | 36`),
		refuses("windows-1252.csv", rowsource.Options{}, "windows-1252.csv line 2: column 19 (counted in characters): the byte 0xEB is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"),
		loads("windows-1252.csv", rowsource.Options{Encoding: "windows-1252"}, `zoe@example.com | "Zoë €" | 36`),
		refuses("windows-1252.csv", rowsource.Options{Encoding: "latin-99"}, `read windows-1252.csv: the encoding "latin-99" is not known: write a name of IANA, such as windows-1252, iso-8859-15, utf-16le or shift_jis`),
		loads("iso-8859-15.csv", rowsource.Options{Encoding: "iso-8859-15"}, `zoe@example.com | "Zoë €" | 36`),
		refuses("iso-8859-15.csv", rowsource.Options{}, "iso-8859-15.csv line 2: column 19 (counted in characters): the byte 0xEB is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"),
		refuses("windows-1251.csv", rowsource.Options{}, "windows-1251.csv line 2: column 18 (counted in characters): the byte 0xC0 is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1251"),
		loads("windows-1251.csv", rowsource.Options{Encoding: "windows-1251"}, `anna@example.com | Анна Ивановна | 36`),
		refuses("ibm850.csv", rowsource.Options{}, "ibm850.csv line 2: column 19 (counted in characters): the byte 0x89 is not UTF-8: save the file as UTF-8, or name its encoding, which looks like ibm850"),
		loads("ibm850.csv", rowsource.Options{Encoding: "ibm850"}, `zoe@example.com | Zoë Müller | 36`),
		loads("shift_jis.csv", rowsource.Options{Encoding: "shift_jis"}, `taro@example.com | 山田太郎 | 36`),
		loads("gb18030.csv", rowsource.Options{Encoding: "gb18030"}, `wang@example.com | 王小明 | 36`),
		loads("macintosh.csv", rowsource.Options{Encoding: "macintosh"}, `zoe@example.com | Zoë | 36`),
		refuses("windows-1252-undefined-byte.csv", rowsource.Options{Encoding: "windows-1252"}, "windows-1252-undefined-byte.csv line 2: column 19 (counted in characters): bytes here that mean nothing in windows-1252: name the encoding that the file has, or save it as UTF-8"),
		refuses("half-a-character.csv", rowsource.Options{}, "half-a-character.csv line 2: column 19 (counted in characters): the byte 0xC3 is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"),
	}
}

// delimiterShapes have other delimiters.
func delimiterShapes() []shape {
	return []shape{
		refuses("semicolons.csv", rowsource.Options{}, "read semicolons.csv: 3 of 3 lines have 2 semicolons and no comma: name the delimiter"),
		loads("semicolons.csv", rowsource.Options{Delimiter: ";"}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("tabs.csv", rowsource.Options{}, "read tabs.csv: 3 of 3 lines have 2 tabs and no comma: name the delimiter"),
		loads("tabs.csv", rowsource.Options{Delimiter: "tab"}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("pipes.csv", rowsource.Options{}, "read pipes.csv: 3 of 3 lines have 2 pipes and no comma: name the delimiter"),
		loads("pipes.csv", rowsource.Options{Delimiter: "|"}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("commas.tsv", rowsource.Options{}, "read commas.tsv: 3 of 3 lines have 2 commas and no tab: name the delimiter"),
		loads("commas.tsv", rowsource.Options{Delimiter: ","}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("colons.csv", rowsource.Options{Delimiter: ":"}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("colons.csv", rowsource.Options{}, `refuse to upload to "people": the table has no column "email:name:age": the file seems to have another delimiter`),
		loads("excel-sep-line.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("excel-sep-line-quoted.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("semicolons-header-only.csv", rowsource.Options{}, "read semicolons-header-only.csv: 1 of 1 lines have 2 semicolons and no comma: name the delimiter"),
		refuses("semicolons-decimal-commas.csv", rowsource.Options{}, "read semicolons-decimal-commas.csv: 3 of 3 lines have 2 semicolons, and the first has no comma: name the delimiter"),
		loads("semicolons-decimal-commas.csv", rowsource.Options{Delimiter: ";", Decimal: ","}, `ada@example.com | Lovelace, Ada | 36`, `alan@example.com | Turing, Alan | 41`),
		refuses("title-and-semicolons.csv", rowsource.Options{}, "read title-and-semicolons.csv: line 1 has 1 value, and those after them have 2 semicolons: name the delimiter, and skip the lines before the header"),
		refuses("title-and-semicolons.csv", rowsource.Options{Delimiter: ";"}, "read title-and-semicolons.csv: line 1 has 1 value, and those after them have 3: skip the lines before the header"),
		loads("title-and-semicolons.csv", rowsource.Options{Delimiter: ";", Skip: 1}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("quoted-as-a-whole.csv", rowsource.Options{}, `refuse to upload to "people": the table has no column "email,name,age": each line of the file seems to stand in quotes as a whole; remove these quotes`),
		refuses("carets.csv", rowsource.Options{}, `refuse to upload to "people": the table has no column "email^name^age": the file seems to have another delimiter`),
		loads("carets.csv", rowsource.Options{Delimiter: "^"}, `ada@example.com | Ada | 36`),
		refuses("semicolons-in-one-line.csv", rowsource.Options{}, `refuse to upload to "people": the table has no column "email;name;age": the file seems to have another delimiter`),
		refuses("plain.csv", rowsource.Options{Delimiter: "::"}, `open plain.csv: the delimiter "::" can't be read: give one character that is no quote and no line end`),
	}
}

// rowShapes have rows that are none.
func rowShapes() []shape {
	return []shape{
		refuses("title-line.csv", rowsource.Options{}, "read title-line.csv: line 1 has 1 value, and those after them have 3: skip the lines before the header"),
		loads("title-line.csv", rowsource.Options{Skip: 1}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("title-lines.csv", rowsource.Options{}, "read title-lines.csv: line 1 has 1 value, and those after them have 3: skip the lines before the header"),
		loads("title-lines.csv", rowsource.Options{Skip: 2}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("title-with-commas.csv", rowsource.Options{}, "title-with-commas.csv line 1: the header's column 3 has no name: give it one, or remove the delimiter that makes it; if the names stand in another row, choose that"),
		refuses("title-padded.csv", rowsource.Options{}, "read title-padded.csv: lines 1 to 2 have 1 value, and those after them have 3: skip the lines before the header"),
		loads("title-padded.csv", rowsource.Options{Skip: 2}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("title-with-commas.csv", rowsource.Options{Skip: 2}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("title-line.csv", rowsource.Options{Skip: 9}, "read title-line.csv: skip its first 9 lines: it ends there"),
		loads("no-header.csv", rowsource.Options{NoHeader: true, Columns: []string{"email", "name", "age"}}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("no-header.csv", rowsource.Options{NoHeader: true}, "open no-header.csv: no row names the columns, so you must: give their names in the order of the file"),
		refuses("no-header.csv", rowsource.Options{NoHeader: true, Columns: []string{"email", "name"}}, "no-header.csv line 1: the row has 3 values for 2 columns: look for a missing or an extra delimiter, or a value that needs quotes"),
		refuses("plain.csv", rowsource.Options{Columns: []string{"email"}}, "open plain.csv: the columns have names in the options and in the header: say that there is no header, or rename columns"),
		loads("totals.csv", rowsource.Options{SkipLast: 1}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("totals-of-one-value.csv", rowsource.Options{SkipLast: 1}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("totals-of-one-value.csv", rowsource.Options{}, "totals-of-one-value.csv line 4: the row has 1 value for 3 columns: look for a missing or an extra delimiter, or a value that needs quotes"),
		loads("empty-rows.csv", rowsource.Options{SkipEmptyRows: true}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("empty-row-at-the-end.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`, `NULL | NULL | NULL`),
		loads("empty-row-at-the-end.csv", rowsource.Options{SkipEmptyRows: true}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("one-column-blank-line.csv", rowsource.Options{}, `one-column-blank-line.csv line 3: the line is blank, which in a file of one column could mean NULL or nothing: remove it, write "" for an empty string, or choose a text for NULL and write that`),
		loads("one-column.csv", rowsource.Options{}, `ada@example.com | NULL | NULL`, `alan@example.com | NULL | NULL`),
		loads("one-column-blank-line.csv", rowsource.Options{SkipEmptyRows: true}, `ada@example.com | NULL | NULL`, `alan@example.com | NULL | NULL`),
	}
}

// columnShapes have other columns than the table.
func columnShapes() []shape {
	return []shape{
		refuses("other-names.csv", rowsource.Options{}, `refuse to upload to "people": the table has no column "E-Mail iD" (did you mean "email"?), "Full Name"; correct the file, or give the column its name in the table`),
		loads("other-names.csv", rowsource.Options{Renames: map[string]string{"E-Mail iD": "email", "Full Name": "name"}}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("normalized-names.csv", rowsource.Options{NormalizeHeaders: true, Renames: map[string]string{"e_mail": "email"}}, `ada@example.com | Ada | 36`),
		refuses("additional-column.csv", rowsource.Options{}, `refuse to upload to "people": the table has no column "comment"; correct the file, or have the columns added as text`),
		loads("additional-column.csv", rowsource.Options{Ignore: []string{"comment"}}, `ada@example.com | Ada | 36`),
		refuses("plain.csv", rowsource.Options{Ignore: []string{"comment"}}, `name the columns of plain.csv: it has no column "comment"; it has "email", "name", "age"`),
		refuses("misspelled-column.csv", rowsource.Options{}, `refuse to upload to "people": the table has no column "nmae" (did you mean "name"?); correct the file, or give the column its name in the table`),
		loads("misspelled-column.csv", rowsource.Options{Renames: map[string]string{"nmae": "name"}}, `ada@example.com | Ada | 36`),
		loads("names-in-capitals.csv", rowsource.Options{}, `ada@example.com | Ada | 36`),
		loads("column-missing.csv", rowsource.Options{Const: map[string]string{"age": "36"}}, `ada@example.com | Ada | 36`),
		refuses("plain.csv", rowsource.Options{Const: map[string]string{"age": "36"}}, `name the columns of plain.csv: the file has the column "age", which is to have one value in all rows: ignore the file's, or leave the value out`),
		refuses("duplicate-name.csv", rowsource.Options{}, `duplicate-name.csv line 1: the header has the column "email" twice, at 1 and at 3: rename one of them`),
		refuses("column-without-a-name.csv", rowsource.Options{}, "column-without-a-name.csv line 1: the header's column 4 has no name: give it one, or remove the delimiter that makes it; if the names stand in another row, choose that"),
	}
}

// packedShapes are compressed.
func packedShapes() []shape {
	return []shape{
		loads("gzip.csv.gz", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("gzip-under-another-name.csv", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("gzip-of-two-parts.csv.gz", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("bzip2.csv.bz2", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("zstd.csv.zst", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("zip.csv.zip", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("zip-with-folder.csv.zip", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("gzip.jsonl.gz", rowsource.Options{}, `ada@example.com | Ada | 36`),
		loads("gzip-utf-16.csv.gz", rowsource.Options{}, `zoe@example.com | Zoë | 36`),
		loads("gzip-named-by-its-file.gz", rowsource.Options{}, `ada@example.com | Ada | 36`),
		loads("zip-named-by-its-file.zip", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("zip-of-parquet.zip", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("zstd-parquet.parquet.zst", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		loads("gzip-workbook.xlsx.gz", rowsource.Options{}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("zip-named-by-nothing.zip", rowsource.Options{}, `open zip-named-by-nothing.zip: neither its extension nor that of the file in it, "people", names a format that can be read; …`),
		loads("zip-named-by-nothing.zip", rowsource.Options{Format: rowsource.FormatTSV}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("gzip-named-by-nothing.gz", rowsource.Options{}, `open gzip-named-by-nothing.gz: the extension "" names no format that can be read; …`),
		refuses("zstd-named-by-nothing.zst", rowsource.Options{}, `open zstd-named-by-nothing.zst: the extension "" names no format that can be read; …`),
		refuses("gzip-cut-off.csv.gz", rowsource.Options{}, "read gzip-cut-off.csv.gz: unpack gzip: unexpected EOF: the file may be damaged, or cut off"),
		refuses("gzip-damaged.csv.gz", rowsource.Options{}, "read gzip-damaged.csv.gz: unpack gzip: flate: corrupt input before offset 15: the file may be damaged, or cut off"),
		refuses("gzip-then-more.csv.gz", rowsource.Options{}, "read gzip-then-more.csv.gz: unpack gzip: unexpected EOF: the file may be damaged, or cut off"),
		refuses("zip-of-two.csv.zip", rowsource.Options{}, `read zip-of-two.csv.zip: the zip holds 2 files ("a.csv", "b.csv"): an upload is one file: unpack it, and choose`),
		refuses("zip-of-two.zip", rowsource.Options{}, `read zip-of-two.zip: the zip holds 2 files ("a.csv", "b.csv"): an upload is one file: unpack it, and choose`),
		refuses("zip-empty.csv.zip", rowsource.Options{}, "read zip-empty.csv.zip: the zip holds 0 files: an upload is one file: unpack it, and choose"),
		refuses("workbook.csv", rowsource.Options{}, "read workbook.csv: it is an Excel workbook: read it as the format xlsx, or give it the extension .xlsx"),
		refuses("spreadsheet.csv", rowsource.Options{}, "read spreadsheet.csv: it is an OpenDocument file: read it as the format ods, or give it the extension .ods"),
	}
}

// otherShapes are something else.
func otherShapes() []shape {
	return []shape{
		refuses("web-page.csv", rowsource.Options{}, "read web-page.csv: it is an HTML page: perhaps a server sent a login or an error instead of the file; download it again, or export CSV"),
		refuses("web-table.csv", rowsource.Options{}, "read web-table.csv: it is an HTML page: perhaps a server sent a login or an error instead of the file; download it again, or export CSV"),
		refuses("xml.csv", rowsource.Options{}, "read xml.csv: it is XML: export the rows as CSV or JSON Lines"),
		refuses("git-lfs-pointer.csv", rowsource.Options{}, "read git-lfs-pointer.csv: it is a pointer of Git LFS, and not the file: fetch the file with git lfs pull"),
		refuses("psql-table.csv", rowsource.Options{}, "read psql-table.csv: it is a table as a terminal shows it, with lines drawn between the columns: have the program write CSV (psql --csv, mysql --batch, sqlite3 -csv)"),
		refuses("mysql-table.csv", rowsource.Options{}, "read mysql-table.csv: it is a table as a terminal shows it, with lines drawn between the columns: have the program write CSV (psql --csv, mysql --batch, sqlite3 -csv)"),
		refuses("sqlite-columns.csv", rowsource.Options{}, "read sqlite-columns.csv: it is a table as a terminal shows it, with lines drawn between the columns: have the program write CSV (psql --csv, mysql --batch, sqlite3 -csv)"),
		refuses("markdown-table.csv", rowsource.Options{}, "read markdown-table.csv: it is a table as a terminal shows it, with lines drawn between the columns: have the program write CSV (psql --csv, mysql --batch, sqlite3 -csv)"),
		refuses("box-table.csv", rowsource.Options{}, "read box-table.csv: it is a table as a terminal shows it, with lines drawn between the columns: have the program write CSV (psql --csv, mysql --batch, sqlite3 -csv)"),
		refuses("pdf.csv", rowsource.Options{}, "read pdf.csv: it is a PDF: export the rows as CSV from the program that made it"),
		refuses("old-workbook.csv", rowsource.Options{}, "read old-workbook.csv: it is an Excel workbook of the old kind (.xls): save the sheet as CSV UTF-8, or the workbook as .xlsx"),
		refuses("picture.csv", rowsource.Options{}, "read picture.csv: it is a picture (PNG)"),
		refuses("sqlite-database.csv", rowsource.Options{}, "read sqlite-database.csv: it is an SQLite database: export the table first"),
		refuses("json-array.csv", rowsource.Options{}, "read json-array.csv: it is an array of JSON, and not text with delimiters: read it as the format json, or give it the extension .json"),
		refuses("json-lines.csv", rowsource.Options{}, "read json-lines.csv: it is JSON, and not text with delimiters: read it as the format json, or give it the extension .json or .jsonl"),
		refuses("mysqldump.csv", rowsource.Options{}, "read mysqldump.csv: it is an SQL script of mysqldump: upload a table's rows"),
		refuses("pg_dump.csv", rowsource.Options{}, "read pg_dump.csv: it is an SQL script of pg_dump: upload a table's rows"),
		refuses("parquet.csv", rowsource.Options{}, "read parquet.csv: it is a Parquet file: read it as the format parquet, or give it the extension .parquet"),
		refuses("xz.csv", rowsource.Options{}, "read xz.csv: it is compressed by xz, which can't be read: unpack it"),
		refuses("web-page.xlsx", rowsource.Options{}, "read web-page.xlsx: it is an HTML page: perhaps a server sent a login or an error instead of the file; download it again, or export CSV"),
		refuses("git-lfs-pointer.parquet", rowsource.Options{}, "read git-lfs-pointer.parquet: it is a pointer of Git LFS, and not the file: fetch the file with git lfs pull"),
		refuses("workbook.ods", rowsource.Options{}, "read workbook.ods: it is an Excel workbook: read it as the format xlsx, or give it the extension .xlsx"),
		refuses("text.xlsx", rowsource.Options{}, "read text.xlsx: it is text, and not xlsx: name the format that it has"),
		refuses("text.parquet", rowsource.Options{}, "read text.parquet: it is text, and not parquet: name the format that it has"),
		loads("text.parquet", rowsource.Options{Format: rowsource.FormatCSV}, `ada@example.com | Ada | 36`, `alan@example.com | Alan | 41`),
		refuses("old-workbook.xls", rowsource.Options{}, "read old-workbook.xls: it is an Excel workbook of the old kind (.xls): save the sheet as CSV UTF-8, or the workbook as .xlsx"),
		refuses("pages.pdf", rowsource.Options{}, "read pages.pdf: it is a PDF: export the rows as CSV from the program that made it"),
		refuses("xz.csv.xz", rowsource.Options{}, "read xz.csv.xz: it is compressed by xz, which can't be read: unpack it"),
		refuses("seven-zip.csv", rowsource.Options{}, "read seven-zip.csv: it is a 7z archive, which can't be read: unpack it"),
	}
}

// valueShapes have values that need an option.
func valueShapes() []shape {
	return []shape{
		loads("null-words.csv", rowsource.Options{Null: []string{"", "N/A", `\N`}}, `ada@example.com | NULL | NULL`, `alan@example.com | NULL | 41`),
		loads("quoted-null-word.csv", rowsource.Options{Null: []string{"N/A"}}, `ada@example.com | N/A | 36`),
		refuses("null-all-quoted.csv", rowsource.Options{}, `null-all-quoted.csv line 2, column "age": value "": …`),
		loads("null-all-quoted.csv", rowsource.Options{NullQuoted: true}, `ada@example.com | "" | NULL`),
		refuses("word-in-a-number.csv", rowsource.Options{}, `word-in-a-number.csv line 2, column "age": value "old": …`),
		loads("semicolons-decimal-comma.csv", rowsource.Options{Delimiter: ";", Decimal: ","}, `ada@example.com | Ada | 1036`, `alan@example.com | Alan | 41`),
		loads("numbers-in-groups.csv", rowsource.Options{Delimiter: ";", Decimal: ","}, `ada@example.com | Ada | 1036`),
		refuses("another-decimal.csv", rowsource.Options{Delimiter: ";", Decimal: ","}, `another-decimal.csv line 2, column "age": value "3,6.5": it is no number with "," before its decimal places`),
		loads("dates-and-booleans.csv", rowsource.Options{Forms: map[string]rowsource.Form{"email": {Trim: true}, "name": {Dates: "DD/MM/YYYY"}, "age": {Booleans: []string{"yes", "no"}}}}, `ada@example.com | 1999-12-31 | 1`, `alan@example.com | 2000-02-01 | 0`),
		refuses("no-such-date.csv", rowsource.Options{Forms: map[string]rowsource.Form{"name": {Dates: "DD/MM/YYYY"}}}, `no-such-date.csv line 2, column "name": value "31/02/1999": it is no date that is written as DD/MM/YYYY`),
	}
}

// programShapes are in the formats of programs, for a table of goods.
func programShapes() []shape {
	const escaped = `"tab \t, line\nfeed, back\\slash"`
	return []shape{
		loads("json_pretty_array.json", rowsource.Options{}, `007 | 1.50 | "[\"a\", \"b\"]"`, `é | NULL | "{}"`).of("sku", "price", "tags"),
		loads("json_array_on_one_line.json", rowsource.Options{}, `007 | 1.50`, `é | NULL`).of("sku", "price"),
		loads("json_objects_without_array.json", rowsource.Options{}, `007`, `é`).of("sku"),
		refuses("jsonl_missing_member.jsonl", rowsource.Options{}, `jsonl_missing_member.jsonl line 2: the row lacks the member "price" that the first row has: write null for no value`).of("sku", "price"),
		loads("jsonl_missing_member.jsonl", rowsource.Options{Missing: rowsource.MissingIsNull}, `007 | 1.50`, `é | NULL`).of("sku", "price"),
		loads("mysql_batch.tsv", rowsource.Options{Format: rowsource.FormatMySQL}, `007 | `+escaped+` | 1.50`, `é | NULL | NULL`).of("sku", "note", "price"),
		loads("mysql_outfile.txt", rowsource.Options{Format: rowsource.FormatMySQL}, `007 | `+escaped, `é | NULL`).of("sku", "note"),
		refuses("mysql_outfile.txt", rowsource.Options{}, `open mysql_outfile.txt: the extension ".txt" names no format that can be read; …`).of("sku", "note"),
		refuses("mysql_two_words_for_null.txt", rowsource.Options{Format: rowsource.FormatMySQL}, `mysql_two_words_for_null.txt line 3: line 2 has \N, and line 3 has the word NULL, which may be a text: choose the text for NULL: \N, if the word is a text, or NULL, if both are NULL`).of("sku", "note"),
		loads("mysql_two_words_for_null.txt", rowsource.Options{Format: rowsource.FormatMySQL, Null: []string{`\N`}}, `007 | NULL`, `é | "NULL"`).of("sku", "note"),
		loads("postgres_copy.txt", rowsource.Options{Format: rowsource.FormatPGText}, `007 | `+escaped, `é | NULL`).of("sku", "note"),
		loads("psql_csv_null_marked.csv", rowsource.Options{Null: []string{`\N`}}, `007 | "a \"quote\", a comma"`, `é | NULL`).of("sku", "note"),
		loads("xlsx_percent_date_leading_zeros.xlsx", rowsource.Options{}, `007 | 0.015 | 2024-01-30`).of("sku", "price", "since"),
		refuses("xlsx_error_in_cell.xlsx", rowsource.Options{}, `xlsx_error_in_cell.xlsx row 2, column "price": cell B2: it has the error #DIV/0! instead of a value`).of("sku", "price"),
		refuses("xlsx_formula_not_computed.xlsx", rowsource.Options{}, `xlsx_formula_not_computed.xlsx row 2, column "price": cell B2: its formula has no computed value in the file: open the file in a spreadsheet program and save it`).of("sku", "price"),
		refuses("xlsx_title_above.xlsx", rowsource.Options{}, `xlsx_title_above.xlsx row 3: cell B3: there is a value "price" in a column without a name: if the names stand in another row, choose that; otherwise choose the range of cells that has the table`).of("sku", "price"),
		loads("xlsx_title_above.xlsx", rowsource.Options{HeaderRow: 3}).of("sku", "price", "since"),
		refuses("xlsx_two_sheets.xlsx", rowsource.Options{}, `read xlsx_two_sheets.xlsx: it has 2 sheets with values: "Prices", "Notes": choose one`).of("sku", "price"),
		loads("xlsx_two_sheets.xlsx", rowsource.Options{Sheet: "Prices"}).of("sku", "price", "since"),
		loads("ods_date_and_percent.ods", rowsource.Options{}, `2024-01-30`).of("v"),
		loads("parquet_decimal.parquet", rowsource.Options{}, `1.50`, `NULL`).of("v"),
		refuses("parquet_list.parquet", rowsource.Options{}, `read parquet_list.parquet: the column "v" has a list in each row, and a table has none: leave the column out where the file is written`).of("v"),
	}
}
