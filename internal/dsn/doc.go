// Package dsn takes apart the DSNs of all databases, and answers those that it can't
// read with the form to write. No message quotes a DSN: it may hold a password.
package dsn
