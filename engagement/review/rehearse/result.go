package rehearse

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// SchemaVersion is the version of the JSON form of [Result].
const SchemaVersion = 1

// Result is what a rehearsal found.
type Result struct {
	SchemaVersion int    `json:"schema_version"`
	Server        string `json:"server"`           // version of the scratch server
	Target        string `json:"target,omitempty"` // version of production; empty when not known
	Sizes         []Size `json:"sizes"`
	Clock         Clock  `json:"clock"`
	// Machine is how production's machine compares with this one.
	Machine    scale.Machine `json:"machine"`
	Statements []*Statement  `json:"statements"`
	Losses     []Loss        `json:"losses,omitempty"`
	Problems   []Problem     `json:"problems,omitempty"`
	Notes      []string      `json:"notes,omitempty"`
	// Partial says why not all was rehearsed; empty when it was.
	Partial string `json:"partial,omitempty"`
	// Repeats is how often each statement was timed at the largest size; at others no less often.
	Repeats int `json:"repeats"`
}

// Size is one of the sizes of a rehearsal.
type Size struct {
	Factor float64        `json:"factor"` // of production's rows; 0 when those are not known
	Tables []scale.Filled `json:"tables"`
}

// Clock is what times are measured by.
type Clock struct {
	Name string `json:"name"` // "wall" or "cpu"
	Why  string `json:"why"`
	// Pressure is the share of the time in which something waited for a processor, over all timed runs
	// (/proc/pressure/cpu); below zero where it is not known.
	Pressure float64 `json:"pressure"`
}

// Statement is what one statement of the migration did.
type Statement struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	// EndLine is the line of its last character.
	EndLine int    `json:"end_line"`
	Offset  int    `json:"offset"` // in the file, in bytes
	SQL     string `json:"sql"`    // its beginning
	// Transaction numbers the transactions of more than one statement, from 1; 0 is one of its own or none.
	Transaction int `json:"transaction,omitempty"`
	// Table is the one that it is about, the largest in production of several; empty when there is none.
	Table          string        `json:"table,omitempty"`
	ProductionRows float64       `json:"production_rows,omitempty"`
	Effect         effect.Effect `json:"effect"` // at the largest size
	// Observed says that Effect was seen, with so many Rows in Table, of all its partitions together.
	Observed bool     `json:"observed"`
	Rows     int64    `json:"rows,omitempty"`
	Blocks   []Block  `json:"blocks,omitempty"`
	Words    []string `json:"words,omitempty"` // the server's own, about the work

	Signature scale.Signature  `json:"signature"`
	Samples   []scale.Sample   `json:"samples,omitempty"` // by the clock of the result
	Wall      []scale.Sample   `json:"wall,omitempty"`    // the same runs by the time that passed
	CPU       []scale.Sample   `json:"cpu,omitempty"`     // and by the server's processor time, where that is known
	Duration  scale.Prediction `json:"duration"`          // at ProductionRows
	// Held is how long its locks are held in production: its own time, and that of the statements behind it in its transaction.
	Held scale.Prediction `json:"held"`
	// Floor is the time by base rates, in seconds, and FloorBy the work and the rate that decide it. FloorHolds says that it is a
	// bound from below: its rate was measured, or production reads from a disk what the rehearsal had in memory. Published rates
	// are of other machines, which production may undercut.
	Floor      float64 `json:"floor_seconds"`
	FloorBy    string  `json:"floor_by,omitempty"`
	FloorHolds bool    `json:"floor_holds,omitempty"`
	// Disk says that production's table does not fit its cache while the rehearsal's did, so that the floor
	// is one of the disk and the times may be too short.
	Disk bool       `json:"disk,omitempty"`
	WAL  unit.Bytes `json:"wal"` // in production, by rows

	Queue *Queue `json:"queue,omitempty"`
	Error string `json:"error,omitempty"` // a sentence, where it failed or was not run
	// Fault is whose fault a failure is; empty where it ran, or was not reached.
	Fault Fault    `json:"fault,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

// Ran says whether the statement was run to its end.
func (s *Statement) Ran() bool { return s.Error == "" }

// Block is what another session found when it tried to use a table.
type Block struct {
	Table   string `json:"table"`
	Write   bool   `json:"write"`
	Tries   int    `json:"tries"`
	Blocked int    `json:"blocked"`
}

// Queue is what happened behind a statement that waited for a transaction of another.
type Queue struct {
	Holder  string  `json:"holder"`         // what the other had done: "read" or "written"
	Held    float64 `json:"held_seconds"`   // how long the other stayed open
	Waited  float64 `json:"waited_seconds"` // the statement
	Probes  int     `json:"probes"`         // sessions that came meanwhile, evenly in time
	Blocked int     `json:"blocked"`        // of them, those that waited behind the statement
	Longest float64 `json:"longest_seconds"`
	Writes  bool    `json:"writes"` // the sessions wrote; else they read
}

// Loss is a warning that a statement destroys data.
type Loss struct {
	Path     string  `json:"path"`
	Line     int     `json:"line"`
	Table    string  `json:"table"`
	Rows     float64 `json:"rows"` // in production where that is known, else here
	Sentence string  `json:"sentence"`
}

// Problem is something that went wrong outside the migration's own statements.
type Problem struct {
	Path     string `json:"path,omitempty"`
	Line     int    `json:"line,omitempty"`
	Sentence string `json:"sentence"`
}
