// Package matrix is what statements that migrations are made of do on each version of a server: locks and
// work, measured on real servers and not copied from a manual. The lint takes its answers from here.
//
// The statements lie in postgres.sql and mariadb.sql, the schemas that they run against in the files whose
// names end in _fixture.sql. [Run] measures them with the oracles and the result is committed as
// measured.json, with the versions that were asked, the day, and the digest of the statements. [Lookup] answers for
// a statement and a version.
//
// A statement of the matrix stands for those that look the same to the server: same form, same kinds of
// types, same constraints there. What the matrix cannot know is the reader's schema; hence the variants.
package matrix
