package rowsource

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// isOfFormat is the error of a file that can be read as another format.
func isOfFormat(what string, f Format) error {
	return remedied(fmt.Sprintf("it is %s: read it as the format %s, or give it the extension %s", what, f, f.extension()), Suggest(inputFormat, string(f)))
}

// inputFormat is the option for the format.
const inputFormat = "input-format"

// somethingElse says what a file is that begins with head, if it is plainly no text with
// rows.
func somethingElse(head []byte) error {
	if bytes.HasPrefix(head, []byte("PAR1")) {
		return isOfFormat("a Parquet file", FormatParquet)
	}
	for _, k := range []struct{ magic, is string }{
		{"%PDF-", "it is a PDF: export the rows as CSV from the program that made it"},
		{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "it is an Excel workbook of the old kind (.xls): save the sheet as CSV UTF-8, or the workbook as .xlsx"},
		{"SQLite format 3\x00", "it is an SQLite database: export the table first"},
		{"PGDMP", "it is a dump of pg_dump in its own format: upload a table's rows, such as those of COPY … TO … (FORMAT csv, HEADER)"},
		{"\xFD7zXZ\x00", "it is compressed by xz, which can't be read: unpack it"},
		{"7z\xBC\xAF\x27\x1C", "it is a 7z archive, which can't be read: unpack it"},
		{"Rar!\x1A\x07", "it is a RAR archive, which can't be read: unpack it"},
		{"\x89PNG\r\n", "it is a picture (PNG)"},
		{"\xFF\xD8\xFF\xE0", "it is a picture (JPEG)"},
		{"version https://git-lfs.github.com/spec/", "it is a pointer of Git LFS, and not the file: fetch the file with git lfs pull"},
		{"-- MySQL dump", "it is an SQL script of mysqldump: upload a table's rows"},
		{"-- MariaDB dump", "it is an SQL script of mariadb-dump: upload a table's rows"},
		{"--\n-- PostgreSQL database dump", "it is an SQL script of pg_dump: upload a table's rows"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return errors.New(k.is)
		}
	}
	if is := markup(strings.ToLower(strings.TrimLeft(strings.TrimPrefix(string(head), "\uFEFF"), " \t\r\n"))); is != "" {
		return errors.New(is)
	}
	return nil
}

// markup is somethingElse for text that begins with a tag.
func markup(text string) string {
	for _, start := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta"} {
		if strings.HasPrefix(text, start) {
			return "it is an HTML page: perhaps a server sent a login or an error instead of the file; download it again, or export CSV"
		}
	}
	if strings.HasPrefix(text, "<?xml") {
		return "it is XML: export the rows as CSV or JSON Lines"
	}
	return ""
}

// frame are lines that a terminal's table has and no file with delimiters.
var frame = regexp.MustCompile(`^\s*(\+(-+\+)+|-+(\+-+)+|-+( +-+)+|\|(\s*:?-+:?\s*\|)+|[┌╔]?[─═┬╤╦┼]+[┐╗]?)\s*$`)

// onTerminal says that the lines at the start of a file are a table as programs draw it
// for a person. Otherwise it is "".
func onTerminal(lines []string) string {
	if len(lines) < 2 || !frame.MatchString(lines[0]) && !frame.MatchString(lines[1]) {
		return ""
	}
	if !strings.ContainsAny(lines[0]+lines[1], "|+ ") {
		return "" // a file of one column
	}
	return "it is a table as a terminal shows it, with lines drawn between the columns: have the program write CSV (psql --csv, mysql --batch, sqlite3 -csv)"
}

// onlyJSON is an error for text that begins as JSON does and no header.
func onlyJSON(text string) error {
	text = strings.TrimLeft(text, " \t\r\n")
	array := strings.HasPrefix(text, "[") && strings.HasPrefix(strings.TrimLeft(text[1:], " \t\r\n"), "{")
	object := strings.HasPrefix(text, "{") && strings.HasPrefix(strings.TrimLeft(text[1:], " \t\r\n"), `"`)
	switch {
	case array:
		return remedied("it is an array of JSON, and not text with delimiters: read it as the format json, or give it the extension .json", RemedyJSON)
	case object:
		return remedied("it is JSON, and not text with delimiters: read it as the format json, or give it the extension .json or .jsonl", RemedyJSON)
	default:
		return nil
	}
}
