// Package rehearse runs a migration on a scratch PostgreSQL server against rows like those of production
// and says what each statement locks, whom it keeps waiting, what work it does, and how long that takes
// at production's size.
//
// A rehearsal starts a private server of the version of production, or of the nearest one installed, or
// uses a server whose URL is given and that carries our marker ([Mark]); it never touches a database
// without one. It makes the schema from what stands before the migration, fills the tables at several
// sizes ([scale.Generator]), runs the migration at each in the transactions of its tool, observed once by
// [pgoracle.Oracle] and timed several times without it, and fits the times. In between, it holds a
// reader's transaction open and measures how the queue behind the statement's lock builds.
//
// What fails is a sentence in the result and not an error, and the rest goes on where it can: a missing
// extension or role, a tablespace, a right that only a superuser has, a server that ends. Whatever the
// end, an interrupt included, no server, no folder and no database stays behind; only a process that is
// killed while it uses a server by URL leaves databases there, whose names begin with napkin_rehearsal_ and which the
// next rehearsal there drops.
//
// It runs the migration's SQL. Statements that reach out of the database (DROP DATABASE, COPY TO PROGRAM, dblink) are
// recognised and left out, also in the code of functions and blocks; code that hides them runs with the rights of the
// server's account, so that SQL of strangers is rehearsed in a container.
package rehearse
