package render

import (
	"github.com/napkin-infra/napkin/engine/datadiff"
	"github.com/napkin-infra/napkin/foundation/limit"
	"github.com/napkin-infra/napkin/foundation/report"
)

// SchemaVersion is the version of the JSON forms. It grows when a field is removed or changes meaning.
const SchemaVersion = 1

// Summary is the answer of one comparison of two databases.
type Summary struct {
	SchemaVersion int              `json:"schema_version"`
	Tool          report.Tool      `json:"tool"`
	Verdict       datadiff.Verdict `json:"verdict"`
	A             Database         `json:"a"`
	B             Database         `json:"b"`
	// SchemaOnly says that no row was read, because only the schemas were asked for.
	SchemaOnly bool `json:"schema_only,omitempty"`
	// Interrupted says that the run was cut off before all tables were compared.
	Interrupted bool    `json:"interrupted,omitempty"`
	Tables      []Table `json:"tables"`
	// OnlyA and OnlyB are tables that stand on one side only.
	OnlyA []string `json:"tables_only_in_a,omitempty"`
	OnlyB []string `json:"tables_only_in_b,omitempty"`
	// Unseen are sentences about tables that a side may hold and the account may not see.
	Unseen []string `json:"unseen,omitempty"`
	Repair *Repair  `json:"repair,omitempty"`
	// Limit is the whole run beside its least time, as the caller knows it; nil where it was cut off.
	Limit *limit.RunJSON `json:"limit,omitempty"`
}

// Database is one side, its URL without the password.
type Database struct {
	URL     string `json:"url"`
	Product string `json:"product"`
}

// Table is what was found of one pair of tables.
type Table struct {
	// Name is the name in A, and ":" and the name in B where that is another.
	Name    string           `json:"name"`
	A       string           `json:"a"`
	B       string           `json:"b"`
	Verdict datadiff.Verdict `json:"verdict"`
	// Error says why the verdict is unknown; empty when it is not.
	Error string `json:"error,omitempty"`
	Rows  Pair   `json:"rows_compared"`
	// Earlier is the part of Rows that the runs before a resumed one have compared.
	Earlier     *Pair   `json:"rows_compared_earlier,omitempty"`
	Differences Counts  `json:"differences"`
	Key         Key     `json:"key"`
	Columns     []Field `json:"columns,omitempty"`
	// OnlyA and OnlyB are columns that stand on one side only, which were not compared: each is a
	// difference, but for the Computed ones, whose side makes them from others.
	OnlyA    []string  `json:"columns_only_in_a,omitempty"`
	OnlyB    []string  `json:"columns_only_in_b,omitempty"`
	Computed []string  `json:"columns_computed,omitempty"`
	Examples []Example `json:"examples,omitempty"`
	Schema   []Change  `json:"schema,omitempty"`
	// Caveats are sentences that limit the answer, the weightiest first.
	Caveats []string `json:"caveats,omitempty"`
	Sample  *Sample  `json:"sample,omitempty"`
	Limited bool     `json:"limited,omitempty"`
	// Collision bounds the chance that rows that differ were taken for equal; 0 where rows were compared.
	Collision float64   `json:"collision_probability"`
	Snapshot  *Position `json:"snapshot,omitempty"`
	Plan      string    `json:"plan,omitempty"`
	// Ranges is how many ranges of the key were compared.
	Ranges int `json:"ranges,omitempty"`
	// CellBytes is the size of the values that were read, LinkBytes what came over the connections.
	CellBytes Pair `json:"value_bytes"`
	LinkBytes Pair `json:"link_bytes"`
	// Spilled is how many bytes of rows without a partner went to disk.
	Spilled int64 `json:"spilled_bytes,omitempty"`
	// Seconds is what the comparison took, Least its physical limit, Bound what that consists of; both are
	// zero where the number of rows was not known before, and of a run that was gone on with.
	Seconds float64 `json:"seconds"`
	Least   float64 `json:"limit_seconds"`
	Bound   string  `json:"limit_bound,omitempty"`
	// Journal is the file from which an unfinished comparison can go on.
	Journal string `json:"journal,omitempty"`

	earlierBytes int64 // of CellBytes of both sides
}

// Pair is a figure of each side.
type Pair struct {
	A int64 `json:"a"`
	B int64 `json:"b"`
}

// Counts are numbers of rows. Transient ones are not among the others: they were equal when read again.
type Counts struct {
	OnlyA     int64 `json:"only_in_a"`
	OnlyB     int64 `json:"only_in_b"`
	Changed   int64 `json:"changed"`
	Confirmed int64 `json:"confirmed"`
	SeenOnce  int64 `json:"seen_once"`
	Moving    int64 `json:"moving"`
	Transient int64 `json:"transient"`
}

// All is the number of rows that differ.
func (c Counts) All() int64 { return c.OnlyA + c.OnlyB + c.Changed }

// Key says how rows were told apart.
type Key struct {
	Columns []string `json:"columns"` // names in A; empty for a table without a key
	From    string   `json:"from,omitempty"`
	// Unique says that no two rows of a side share a key.
	Unique bool `json:"unique"`
}

// Field is one compared column.
type Field struct {
	Name      string   `json:"name"`
	NameB     string   `json:"name_b,omitempty"` // where it is another
	TypeA     string   `json:"type_a"`
	TypeB     string   `json:"type_b"`
	Form      string   `json:"compared_as"`
	Inexact   bool     `json:"inexact,omitempty"`
	Tolerance float64  `json:"tolerance,omitempty"`
	Notes     []string `json:"notes,omitempty"`
	// Differs is the number of changed rows in which the column differs, Share their part of the changed.
	Differs int64   `json:"differs"`
	Share   float64 `json:"share"`
	Common  []Fact  `json:"in_common,omitempty"`
}

// Fact is what differences of a column have in common.
type Fact struct {
	Kind    string  `json:"kind"`
	Rows    int64   `json:"rows"`
	AtLeast bool    `json:"at_least,omitempty"`
	Share   float64 `json:"share"`
	Text    string  `json:"text"`
	Detail  string  `json:"detail,omitempty"`
}

// Change is a difference between the schemas of two tables.
type Change struct {
	Kind     string `json:"kind"`
	Object   string `json:"object"`
	A        string `json:"a,omitempty"`
	B        string `json:"b,omitempty"`
	Severity string `json:"severity"`
	Text     string `json:"text"`
}

// Sample says what part of a table was compared, and what follows for the rest.
type Sample struct {
	Share      float64 `json:"share"`
	Confidence float64 `json:"confidence"`
	// Bound is the share of ranges that may differ, at this confidence, though none of the sampled does;
	// 0 when some differ.
	Bound float64 `json:"differing_ranges_at_most,omitempty"`
}

// Position is the point in time at which each side was read.
type Position struct {
	A string `json:"a"`
	B string `json:"b"`
}

// Repair is what was written to make the target equal.
type Repair struct {
	Target     string   `json:"target"` // URL without the password
	File       string   `json:"file,omitempty"`
	Applied    bool     `json:"applied"`
	Statements int64    `json:"statements"`
	Inserts    int64    `json:"inserts"`
	Updates    int64    `json:"updates"`
	Deletes    int64    `json:"deletes"`
	Skipped    int64    `json:"skipped"`
	Notes      []string `json:"notes,omitempty"`
	// Error says why there is no repair, or why it was not applied though that was asked for.
	Error string `json:"error,omitempty"`
	// Verdict is that of the comparison after applying; empty when nothing was applied.
	Verdict datadiff.Verdict `json:"verdict_after,omitempty"`
}

// Conclude sets the verdict of the whole from those of its parts: unknown wins over different, which
// wins over equal, which needs that the account may see all tables. A table that stands on one side only is a difference, as is such a column of a table.
func (s *Summary) Conclude() {
	s.Verdict = datadiff.Equal
	if len(s.OnlyA)+len(s.OnlyB) > 0 {
		s.Verdict = datadiff.Different
	}
	for _, t := range s.Tables {
		switch t.Verdict {
		case datadiff.Different:
			if s.Verdict == datadiff.Equal {
				s.Verdict = datadiff.Different
			}
		case datadiff.Unknown:
			s.Verdict = datadiff.Unknown
		}
	}
	if s.Interrupted || s.Verdict == datadiff.Equal && len(s.Unseen) > 0 {
		s.Verdict = datadiff.Unknown
	}
}
