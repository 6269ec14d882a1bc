// Package files has small upload files as people have them, one shape each. The conformance
// suite (internal/conformance/files.go) says what becomes of each of them.
package files

import "embed"

// FS has the files, and this one.
//
//go:embed *
var FS embed.FS
