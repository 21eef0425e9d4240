// Package database opens databases by URL: postgres://, mysql:// (and mariadb://), sqlite:.
//
// Sessions are read-only, carry a name that a server's list of sessions shows, and end their waiting
// when the context does. A password is taken from the URL, from the environment as the product's own
// tools read it, or from their password files; it is never printed: [URL.String] masks it and errors of
// drivers are cleaned of it.
package database
