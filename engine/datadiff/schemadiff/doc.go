// Package schemadiff compares what two catalogs say of a table, also of different products.
//
// Types are compared by what they can hold and not by how they are spelled: PostgreSQL's bigint,
// timestamp and jsonb are MariaDB's bigint(20), datetime(6) and longtext. Where a product lacks a type,
// the one that stands in for it is no difference: int unsigned and bigint, uuid and binary(16). Indexes
// and foreign keys are compared by their columns and not by their names.
//
// A is the source and B the target: [BreaksWrites] says that a row which A can hold may be refused by B.
//
// SQLite keeps what it is given, whatever the type says. With it on one side only the kind of value is
// compared, and no length.
package schemadiff
