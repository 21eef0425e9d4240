package scale

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// SchemaVersion is the version of the JSON form of [Statistics].
const SchemaVersion = 1

// Statistics is what a rehearsal knows of a database. It has a JSON form, so that the database need not
// be connected when a migration is rehearsed.
type Statistics struct {
	SchemaVersion int       `json:"schema_version"`
	Taken         time.Time `json:"taken"`
	Database      string    `json:"database"` // its name, no host and no user
	Server        Server    `json:"server"`
	// Values says that Common and Histogram of the columns hold values of users.
	Values bool `json:"values"`
	// Interval is how long the rates of the tables were observed; 0 means since the server's statistics
	// were reset.
	Interval time.Duration `json:"interval_ns,omitempty"`
	Tables   []Table       `json:"tables"`
	Sessions []Session     `json:"sessions,omitempty"` // open transactions, the oldest first
	Notes    []string      `json:"notes,omitempty"`    // what could not be read
}

// Server is the server of the database and what matters of its settings.
type Server struct {
	Version    string            `json:"version"` // "15.18"
	VersionNum int               `json:"version_num"`
	Encoding   string            `json:"encoding"`
	Collation  string            `json:"collation"` // LC_COLLATE of the database
	Bytes      unit.Bytes        `json:"bytes"`     // of the database
	Settings   map[string]string `json:"settings"`  // as SHOW prints them
}

// Major is the first part of the version: 15.
func (s Server) Major() int { return s.VersionNum / 10000 }

// Session is an open transaction of the server when the statistics were taken. Its statement is a
// user's and is not read.
type Session struct {
	Age        time.Duration `json:"age_ns"`
	State      string        `json:"state"`
	Wraparound bool          `json:"wraparound,omitempty"` // an autovacuum that does not give way to locks
}

// Table is a table or a partition of one.
type Table struct {
	Schema         string     `json:"schema"`
	Name           string     `json:"name"`
	Kind           string     `json:"kind"` // "table", "partitioned", "partition", "partitioned partition"
	PartitionOf    string     `json:"partition_of,omitempty"`
	PartitionBound string     `json:"partition_bound,omitempty"`
	PartitionKey   string     `json:"partition_key,omitempty"`
	Rows           float64    `json:"rows"` // estimated by the server; of a partitioned table the sum of its partitions
	Analyzed       bool       `json:"analyzed"`
	Heap           unit.Bytes `json:"heap"`
	Toast          unit.Bytes `json:"toast"`
	IndexBytes     unit.Bytes `json:"index_bytes"`

	Columns     []Column     `json:"columns"`
	Constraints []Constraint `json:"constraints,omitempty"`
	Indexes     []Index      `json:"indexes,omitempty"`
	Joint       []Joint      `json:"joint,omitempty"` // sets of columns, each once

	// Rates a second, of all sessions.
	Inserts float64 `json:"inserts_per_second"`
	Updates float64 `json:"updates_per_second"`
	Deletes float64 `json:"deletes_per_second"`
	Reads   float64 `json:"reads_per_second"` // sequential and index scans begun
	Dead    float64 `json:"dead_rows"`
}

// Key is the name that other tables and [Options] know it by: schema.name.
func (t *Table) Key() string { return t.Schema + "." + t.Name }

// Bytes is the size with all that belongs to the table.
func (t *Table) Bytes() unit.Bytes { return t.Heap + t.Toast + t.IndexBytes }

// leaf holds for what stores rows.
func (t *Table) leaf() bool { return t.Kind == "table" || t.Kind == "partition" }

// Column returns the column of that name, or nil.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Column is a column with its type and, where the server has analyzed the table, its shape.
type Column struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`              // as format_type prints it: "character varying(40)"
	Base      string   `json:"base"`              // name in pg_type, of a domain its base: "varchar"
	Category  string   `json:"category"`          // pg_type.typcategory of Base
	Element   string   `json:"element,omitempty"` // of an array, Base of its elements
	Labels    []string `json:"labels,omitempty"`  // of an enumeration
	Checks    []string `json:"checks,omitempty"`  // of the domain, on VALUE
	Length    int      `json:"length,omitempty"`  // in characters, digits or bits; 0 is without limit
	Scale     int      `json:"scale,omitempty"`
	NotNull   bool     `json:"not_null,omitempty"`
	Default   string   `json:"default,omitempty"`
	Identity  bool     `json:"identity,omitempty"`
	Generated bool     `json:"generated,omitempty"` // computed from others
	Collation string   `json:"collation,omitempty"` // where it is not the database's
	Shape     *Shape   `json:"shape,omitempty"`
}

// Shape is what pg_stats says of a column's values (PostgreSQL manual, 54.27 pg_stats).
type Shape struct {
	NullFraction  float64   `json:"null_fraction"`
	Width         int       `json:"width"`    // mean, in bytes, as stored
	Distinct      float64   `json:"distinct"` // a number, or, below zero, minus the share of the rows
	Correlation   float64   `json:"correlation"`
	Frequencies   []float64 `json:"frequencies,omitempty"`    // of the most common values
	CommonLengths []int     `json:"common_lengths,omitempty"` // their bytes
	Lengths       []int     `json:"lengths,omitempty"`        // bytes of the bounds of the histogram, in their order
	Low           string    `json:"low,omitempty"`            // least and greatest of numbers and times
	High          string    `json:"high,omitempty"`
	Common        []string  `json:"common,omitempty"` // only with Values
	Histogram     []string  `json:"histogram,omitempty"`
}

// distinct is the number of distinct values among n rows. The server writes a share of the rows where it
// believes that the number grows with them, else the number (analyze.c, std_typanalyze).
func (s *Shape) distinct(n float64) float64 {
	switch {
	case s.Distinct < 0:
		return math.Max(1, math.Round(-s.Distinct*n))
	case s.Distinct > 0:
		return math.Min(s.Distinct, math.Max(n, 1))
	}
	return math.Max(n, 1)
}

// Constraint is one of pg_constraint.
type Constraint struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"` // p, u, f, c, x as in pg_constraint.contype
	Columns    []string `json:"columns,omitempty"`
	References string   `json:"references,omitempty"` // key of the parent table
	RefColumns []string `json:"ref_columns,omitempty"`
	Definition string   `json:"definition"`
	Validated  bool     `json:"validated"`
}

// Index is one of pg_index.
type Index struct {
	Name       string     `json:"name"`
	Method     string     `json:"method"`
	Columns    []string   `json:"columns,omitempty"` // also those inside expressions
	Unique     bool       `json:"unique,omitempty"`
	Partial    bool       `json:"partial,omitempty"`
	Expression bool       `json:"expression,omitempty"`
	Valid      bool       `json:"valid"`
	Bytes      unit.Bytes `json:"bytes"`
	Definition string     `json:"definition"`
}

// Table returns the table of that key, or by its bare name where one schema only has it; else nil.
func (s *Statistics) Table(name string) *Table {
	var found *Table
	for i := range s.Tables {
		t := &s.Tables[i]
		if t.Key() == name {
			return t
		}
		if t.Name == name {
			if found != nil {
				found = nil
				break
			}
			found = t
		}
	}
	if !strings.Contains(name, ".") || found != nil {
		return found
	}
	return nil
}

// Save writes the JSON form to a file that only its owner may read: bounds and labels may tell more
// than meant for all.
func (s *Statistics) Save(path string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write statistics: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write statistics: %w", err)
	}
	return nil
}

// Load reads a file that [Statistics.Save] wrote.
func Load(path string) (*Statistics, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	s, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read statistics from %s: %w", path, err)
	}
	return s, nil
}

// Parse reads the JSON form.
func Parse(text []byte) (*Statistics, error) {
	var s Statistics
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("this is no file of `napkin review stats`: %w", err)
	}
	if s.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("the file has version %d of the form and this napkin reads %d; take the statistics again with `napkin review stats`", s.SchemaVersion, SchemaVersion)
	}
	for i := range s.Tables {
		t := &s.Tables[i]
		if t.Name == "" || math.IsNaN(t.Rows) || t.Rows < 0 || t.Rows > 1e15 {
			return nil, fmt.Errorf("table %d of the file has no name or an impossible number of rows", i+1)
		}
		for j := range t.Joint {
			if err := t.Joint[j].check(); err != nil {
				return nil, fmt.Errorf("table %s: %w", t.Key(), err)
			}
		}
		for j := range t.Columns {
			if sh := t.Columns[j].Shape; sh != nil {
				if err := sh.check(); err != nil {
					return nil, fmt.Errorf("column %s of %s: %w", t.Columns[j].Name, t.Key(), err)
				}
			}
		}
	}
	return &s, nil
}

// check refuses shapes that no server writes, so that the generator need not doubt them.
func (s *Shape) check() error {
	sum := s.NullFraction
	for _, f := range s.Frequencies {
		if !(f >= 0) {
			return fmt.Errorf("a frequency is below zero")
		}
		sum += f
	}
	switch {
	case !(s.NullFraction >= 0 && s.NullFraction <= 1) || !(sum <= 1.01):
		return fmt.Errorf("the shares of its values are not between 0 and 1")
	case !(s.Correlation >= -1 && s.Correlation <= 1):
		return fmt.Errorf("its correlation is not between -1 and 1")
	case !(s.Distinct >= -1 && s.Distinct <= 1e15):
		return fmt.Errorf("its number of distinct values is impossible")
	case s.Width < 0 || s.Width > 1<<30:
		return fmt.Errorf("its width is impossible")
	}
	for _, l := range append(append([]int(nil), s.Lengths...), s.CommonLengths...) {
		if l < 0 || l > 1<<30 {
			return fmt.Errorf("a length is impossible")
		}
	}
	return nil
}
