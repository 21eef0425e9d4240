// Package testserver starts private servers for tests: on a free port of 127.0.0.1, with their data in
// a temporary folder, gone when the test ends, also when the test process is killed.
//
// PostgreSQL and MariaDB refuse to run as root, so under root a server runs as the user postgres or,
// where there is none, nobody. Settings are those of a server whose data nobody needs tomorrow (no
// fsync); nothing that a planner looks at is changed unless the test asks for it. PostgreSQL is found in
// $NAPKIN_POSTGRES_BIN, in Debian's /usr/lib/postgresql/VERSION/bin (the highest version), or on the
// PATH; MariaDB in $NAPKIN_MARIADB_BIN, on the PATH, in /usr/sbin or in /usr/bin. scripts/setup-test
// installs both.
package testserver
