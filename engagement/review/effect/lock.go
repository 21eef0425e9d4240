package effect

import (
	"fmt"
	"strings"
)

// Lock is a table lock mode of PostgreSQL, in the server's own order of strength (PostgreSQL manual,
// 13.3.1 Table-Level Locks). The order is not one of inclusion: SHARE admits itself and SHARE UPDATE
// EXCLUSIVE does not, so ask [Lock.Conflicts] who waits for whom. The zero value is no lock.
type Lock uint8

// The lock modes, each with a statement that takes it.
const (
	NoLock               Lock = iota
	AccessShare               // SELECT
	RowShare                  // SELECT FOR UPDATE
	RowExclusive              // INSERT, UPDATE, DELETE
	ShareUpdateExclusive      // VACUUM, CREATE INDEX CONCURRENTLY, VALIDATE CONSTRAINT
	Share                     // CREATE INDEX
	ShareRowExclusive         // CREATE TRIGGER, ADD FOREIGN KEY
	Exclusive                 // REFRESH MATERIALIZED VIEW CONCURRENTLY
	AccessExclusive           // most forms of ALTER TABLE, DROP TABLE, VACUUM FULL
)

// Locks lists the lock modes from the weakest to the strongest.
func Locks() []Lock {
	return []Lock{AccessShare, RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive}
}

// lockNames hold, for each mode, the short code, the name in SQL and the name in pg_locks.mode.
var lockNames = [...]struct{ code, sql, mode string }{
	NoLock:               {"", "none", ""},
	AccessShare:          {"AS", "ACCESS SHARE", "AccessShareLock"},
	RowShare:             {"RS", "ROW SHARE", "RowShareLock"},
	RowExclusive:         {"RX", "ROW EXCLUSIVE", "RowExclusiveLock"},
	ShareUpdateExclusive: {"SUX", "SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock"},
	Share:                {"S", "SHARE", "ShareLock"},
	ShareRowExclusive:    {"SRX", "SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock"},
	Exclusive:            {"X", "EXCLUSIVE", "ExclusiveLock"},
	AccessExclusive:      {"AX", "ACCESS EXCLUSIVE", "AccessExclusiveLock"},
}

// String is the name of the mode as LOCK TABLE takes it: "ACCESS EXCLUSIVE"; "none" for no lock.
func (l Lock) String() string {
	if int(l) >= len(lockNames) {
		return fmt.Sprintf("lock mode %d", uint8(l))
	}
	return lockNames[l].sql
}

// Code is the short form of the mode: AS, RS, RX, SUX, S, SRX, X, AX; empty for no lock.
func (l Lock) Code() string {
	if int(l) >= len(lockNames) {
		return l.String()
	}
	return lockNames[l].code
}

// ParseLock reads a mode in any of its three forms: AX, ACCESS EXCLUSIVE, AccessExclusiveLock. An empty
// text is no lock.
func ParseLock(text string) (Lock, error) {
	for l, n := range lockNames {
		if text == n.code || text == n.mode || strings.EqualFold(text, n.sql) {
			return Lock(l), nil
		}
	}
	return NoLock, fmt.Errorf("%q is no lock mode of PostgreSQL; they are AS, RS, RX, SUX, S, SRX, X, AX", text)
}

// MarshalText is the code of the mode.
func (l Lock) MarshalText() ([]byte, error) { return []byte(l.Code()), nil }

// UnmarshalText reads any form that [ParseLock] does.
func (l *Lock) UnmarshalText(text []byte) error {
	parsed, err := ParseLock(string(text))
	*l = parsed
	return err
}

// conflicts is the table of conflicts of the manual, 13.3.1: for each mode a bit for each that waits.
var conflicts = func() [len(lockNames)]uint16 {
	of := func(modes ...Lock) (bits uint16) {
		for _, m := range modes {
			bits |= 1 << m
		}
		return bits
	}
	return [len(lockNames)]uint16{
		AccessShare:          of(AccessExclusive),
		RowShare:             of(Exclusive, AccessExclusive),
		RowExclusive:         of(Share, ShareRowExclusive, Exclusive, AccessExclusive),
		ShareUpdateExclusive: of(ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive),
		Share:                of(RowExclusive, ShareUpdateExclusive, ShareRowExclusive, Exclusive, AccessExclusive),
		ShareRowExclusive:    of(RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive),
		Exclusive:            of(RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive),
		AccessExclusive:      of(Locks()...),
	}
}()

// Conflicts says whether a session that asks for other waits while another holds l on the same table.
func (l Lock) Conflicts(other Lock) bool {
	return int(l) < len(conflicts) && conflicts[l]&(1<<other) != 0
}

// BlocksReads says whether a SELECT waits for l.
func (l Lock) BlocksReads() bool { return l.Conflicts(AccessShare) }

// BlocksWrites says whether INSERT, UPDATE and DELETE wait for l.
func (l Lock) BlocksWrites() bool { return l.Conflicts(RowExclusive) }
