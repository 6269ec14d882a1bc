// Package exec runs plans: on one connection, group by group, with an audit row
// for each step.
//
// [Client] is what a program uses: [Client.Upload] replaces a table's rows in
// one call, and the methods of blocks.go are its parts, one by one. The runner
// itself begins in runner.go.
package exec
