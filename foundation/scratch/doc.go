// Package scratch starts private database servers for work that must not touch a real one: a rehearsal,
// a measurement, a test. A server listens on a free port of 127.0.0.1, has its data in a temporary
// folder of its own, and is gone when it is stopped, also when the process that started it is killed.
//
// PostgreSQL and MariaDB refuse to run as root, so under root a server runs as the user postgres or,
// where there is none, nobody. Settings are those of a server whose data nobody needs tomorrow (no
// fsync); nothing that a planner looks at is changed unless the caller asks for it. PostgreSQL is found in
// $NAPKIN_POSTGRES_BIN, in Debian's /usr/lib/postgresql/VERSION/bin (the highest version), or on the
// PATH; MariaDB in $NAPKIN_MARIADB_BIN, on the PATH, in /usr/sbin or in /usr/bin; Redis in $NAPKIN_REDIS_BIN or
// on the PATH.
//
// Servers are installed by the user; this package installs and downloads nothing. Its subpackage pgrelease
// gets further versions of PostgreSQL when it is told to.
package scratch
