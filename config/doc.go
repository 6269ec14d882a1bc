// Package config reads tablesnap.yaml: the tables that a repository uploads to, the
// kinds of upload that it knows beside the built-in ones, and its databases by name.
//
// [Read] refuses what it does not know, with the line. tablesnap.schema.json says
// the same to an editor. No password stands in the file: of a database it names the
// environment variable that holds the DSN.
package config
