// Package rowsource reads upload files as rows. It knows no SQL: what comes out
// are typed values with the line that they stand on, and the same values go
// in, unaltered, at the other end.
//
// A [Source] is one upload. It can be opened as often as one likes, since an
// upload is read more than once: [Measure] reads it whole before anything is
// planned and says what is in it (the [Manifest]), the load reads it again, and
// the SHA-256 of both readings must be the same.
//
// CSV is RFC 4180. Bytes reach it through two small readers, each with one duty:
//
//	meter       counts and hashes the bytes as they stand in the file
//	textReader  lets only UTF-8 through
//
// It is not read by encoding/csv, for speed and for what that does otherwise:
//
//   - An empty field without quotes is NULL and one with quotes is the empty
//     string, or, with [Options].Null, a field without quotes that reads exactly
//     so is NULL. encoding/csv does not tell the two apart.
//   - CRLF inside quotes stays CRLF; encoding/csv makes it LF.
//   - A quoted value with lines that look like rows is refused, unless [Options].Quote
//     says otherwise: a quote may be missing.
//   - A blank line in a file of one column is refused, since it could be a row.
//     In wider files, and above the header, it is skipped.
//   - A last line that ends in a carriage return without a line feed is refused;
//     encoding/csv drops the carriage return, which may belong to the value.
//   - A leading UTF-8 byte-order mark is dropped, other encodings are refused.
//   - A record of more than 64 MiB is refused, so that one forgotten quote does
//     not draw the rest of the file into memory.
//
// Spreadsheets and Parquet are read in places, not from front to back: a container
// hashes the file before and after, so that the hash is that of what was read.
//
// JSON Lines pass the same meter and textReader, and each line is an object. A
// [Writer] writes both so that they read back as the same values.
package rowsource
