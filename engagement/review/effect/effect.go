package effect

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Effect is what one statement does on one version of a server. Locks are the strongest on relations
// that were there before the statement and that another session may want; a table that the statement
// creates itself concerns nobody. The zero value is a statement that does nothing to anybody.
type Effect struct {
	// Target is the lock on the table that the statement changes. PostgreSQL only, as are the next four.
	Target Lock `json:"target,omitempty"`
	// Index is the lock on an index that stops reads where the lock on its table does not. Planning a query
	// locks each index of its tables, so ACCESS EXCLUSIVE on one stops them (REINDEX INDEX). No lock
	// otherwise.
	Index Lock `json:"index,omitempty"`
	// Parent is the strongest lock on a table that a foreign key of the target, old or new, refers to.
	Parent Lock `json:"parent,omitempty"`
	// Other is the strongest lock on any further table: partitions, children, views, tables that refer to
	// the target.
	Other Lock `json:"other,omitempty"`
	// Brief is the strongest lock on any of these that is stronger than what is held on it through the
	// work, and is held only for a moment. Only statements with OutsideTransaction have it.
	Brief Lock `json:"brief,omitempty"`
	// Unwritten says that the target is a materialized view, which nobody writes: of the locks on it only
	// those count that stop reads.
	Unwritten bool `json:"unwritten,omitempty"`
	// OutsideTransaction says that the statement refuses to run in a transaction block (CONCURRENTLY,
	// VACUUM). Its locks end with it. Those of all others stay until the transaction ends, however short
	// the statement.
	OutsideTransaction bool `json:"outside_transaction,omitempty"`

	// Algorithm and Admits are the mildest clauses that InnoDB accepts for the statement.
	Algorithm Algorithm `json:"algorithm,omitempty"`
	Admits    Admits    `json:"admits,omitempty"`
	// WaitsRead and WaitsWrite say that reads and writes of the table were seen to wait while the work
	// went on. MySQL and MariaDB, where no clause says it.
	WaitsRead  bool `json:"waits_read,omitempty"`
	WaitsWrite bool `json:"waits_write,omitempty"`

	// Work is the work that grows with the table.
	Work Work `json:"work,omitempty"`
	// RowsRead counts rows read by sequential scans of tables that were there, all passes together.
	RowsRead int64 `json:"rows_read,omitempty"`
	// RowsWritten counts rows inserted, updated and deleted by the ordinary way of a write.
	RowsWritten int64 `json:"rows_written,omitempty"`
	// WAL is what was written to the write-ahead log, or the redo log.
	WAL unit.Bytes `json:"wal,omitempty"`
}

// BlocksReads says whether a SELECT on one of the tables waits from the first lock to its release.
func (e Effect) BlocksReads() bool {
	return e.Held().BlocksReads() || e.Admits == Nothing || e.WaitsRead
}

// BlocksWrites says the same of INSERT, UPDATE and DELETE. A lock on an index counts when it stops
// reads: a write plans as a query does.
func (e Effect) BlocksWrites() bool {
	target := e.Target
	if e.Unwritten && !target.BlocksReads() {
		target = NoLock
	}
	return max(target, e.Parent, e.Other).BlocksWrites() || e.Index.BlocksReads() || e.Admits >= Reads || e.WaitsWrite
}

// Held is the strongest lock that is held through the work, on any relation.
func (e Effect) Held() Lock { return max(e.Target, e.Index, e.Parent, e.Other) }

// Harm says whether reads or writes wait while the statement does work that grows with the table: the
// outage of a migration. UPDATE of all rows is none by this measure, as it stops only writers of the
// same rows; it is a hazard of another kind.
func (e Effect) Harm() bool { return e.Work != 0 && (e.BlocksReads() || e.BlocksWrites()) }

// Class is e without the amounts, which change with the rows: two runs of one statement on one version
// have the same class whatever their tables hold.
func (e Effect) Class() Effect {
	e.RowsRead, e.RowsWritten, e.WAL = 0, 0, 0
	return e
}

// String is the class on one line, for a log or a table: "AX, P:SRX; RW+IX".
func (e Effect) String() string {
	var parts []string
	add := func(name string, l Lock) {
		if l != NoLock {
			parts = append(parts, name+l.Code())
		}
	}
	add("", e.Target)
	add("I:", e.Index)
	add("P:", e.Parent)
	add("O:", e.Other)
	add("brief:", e.Brief)
	if e.Algorithm != NoAlgorithm {
		parts = append(parts, e.Algorithm.String())
	}
	if e.Admits != UnknownAdmits {
		parts = append(parts, "LOCK="+e.Admits.String())
	}
	if e.WaitsRead {
		parts = append(parts, "reads wait")
	}
	if e.WaitsWrite {
		parts = append(parts, "writes wait")
	}
	if len(parts) == 0 {
		parts = []string{"no lock"}
	}
	work := e.Work.Code()
	if work == "" {
		work = "catalog"
	}
	return fmt.Sprintf("%s; %s", strings.Join(parts, ", "), work)
}
