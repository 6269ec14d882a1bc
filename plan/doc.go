// Package plan turns what a user wants and what inspection found into a plan:
// a value that can be printed, compared, saved, and run.
//
// One upload, from input to groups:
//
//  1. [Build] gets an [Input]: the table as inspection found it
//     ([dialect.Target]), the manifest of the file, the [Kind], and who and
//     which doc_id. It looks at no clock and at nothing else.
//  2. The file's columns are matched with the table's (columns.go), and what
//     can never be done is refused (refuse.go).
//  3. The steps are written down in the order in which people think of them:
//     create backup, copy to backup, clear, drop column, load (build.go;
//     backup.go says which backup table is wanted). Each knows its SQL, what
//     must be true before and after it, and what holds if the run stops there.
//  4. The steps become groups that commit together (group.go), drawn from what
//     the dialect states of each statement.
//  5. Hazards are found: what runs only if the user allows it (hazards.go).
//
// Several uploads that must be one are a [Set]: [BuildSet] makes a plan for each table, in the
// order of their references (set_order.go), and one program of all of them (set_program.go).
//
// The plan is then written as a script (script.go) or as JSON (codec.go), or
// handed to package exec, which runs it.
package plan
