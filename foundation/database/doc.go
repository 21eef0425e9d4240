// Package database opens databases by URL: postgres://, mysql:// (and mariadb://), sqlite:.
//
// Sessions are read-only unless asked otherwise, carry a name that a server's list of sessions shows,
// and end their waiting when the context does. A password is taken from the URL, from the environment as
// the product's own tools read it (PGPASSWORD, MYSQL_PWD), or from PostgreSQL's .pgpass; it is never
// printed: [URL.String] masks it and the texts of errors are cleaned of it. An error of connecting says
// what to try.
//
// Read-only is a default of the session that the server holds; it stops mistakes, not a statement that
// turns it off. SQLite files are opened so that they cannot be written at all.
package database
