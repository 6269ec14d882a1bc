// Command goose-go is a migration program that carries its data: a migration in
// SQL makes a table, and one in Go uploads the file embedded here. Down brings
// back what stood in the table before.
//
//	goose-go prices.db up
//	goose-go prices.db down
package main
