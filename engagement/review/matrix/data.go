package matrix

import (
	_ "embed" // what was measured
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engagement/review/effect"
)

// SchemaVersion is that of the JSON form of [Data].
const SchemaVersion = 1

// Data is what was measured.
type Data struct {
	SchemaVersion int       `json:"schema_version"`
	Measured      []Section `json:"measured"` // by product
}

// Section is what was measured on one product, with its provenance.
type Section struct {
	Product  Product   `json:"product"`
	Date     string    `json:"date"`   // of the last measurement, 2006-01-02
	Digest   string    `json:"digest"` // of the statements, see [Digest]
	Rows     int       `json:"rows"`   // in each table of the fixture
	Settings string    `json:"settings"`
	Servers  []Server  `json:"servers"` // ascending
	Results  []Outcome `json:"results"` // in the order of the statements
}

// Server is a server that was asked.
type Server struct {
	Major   int    `json:"major"` // MariaDB: 1011 is 10.11
	Version string `json:"version"`
	Origin  string `json:"origin"` // "installed" or a package
}

// Outcome is what one statement did.
type Outcome struct {
	ID   string `json:"id"`
	Runs []Run  `json:"runs"` // ascending by version
}

// Run is what a statement did on versions that agree but for amounts; the amounts are those of the last.
type Run struct {
	Majors []int         `json:"majors"`
	Effect effect.Effect `json:"effect"`
	// Refused is the server's error where it does not carry the statement out; Effect is then zero.
	Refused string   `json:"refused,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

//go:embed measured.json
var measured []byte

// Embedded returns the measurements that are built into the program. They are shared; do not change them.
func Embedded() *Data { return embedded() }

var embedded = sync.OnceValue(func() *Data {
	data, err := Read(measured)
	if err != nil {
		panic(fmt.Sprintf("matrix: the measurements that are built into this program: %v", err))
	}
	return data
})

// Read reads the JSON form.
func Read(text []byte) (*Data, error) {
	var d Data
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read a matrix: %w", err)
	}
	if d.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("read a matrix: its schema_version is %d, and this program reads %d", d.SchemaVersion, SchemaVersion)
	}
	return &d, nil
}

// Write returns the JSON form, one line a statement, so that differences between two measurements can be
// read.
func (d *Data) Write() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "{\"schema_version\":%d,\"measured\":[", d.SchemaVersion)
	for i, s := range d.Measured {
		if i > 0 {
			b.WriteByte(',')
		}
		head := s
		head.Results = nil
		text, err := json.Marshal(head)
		if err != nil {
			return nil, err
		}
		b.WriteString("\n" + strings.TrimSuffix(string(text), "null}") + "[")
		for j, o := range s.Results {
			text, err := json.Marshal(o)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString("\n" + string(text))
		}
		b.WriteString("\n]}")
	}
	b.WriteString("\n]}\n")
	return []byte(b.String()), nil
}

// Section returns what was measured on a product, or nil.
func (d *Data) Section(p Product) *Section {
	i := slices.IndexFunc(d.Measured, func(s Section) bool { return s.Product == p })
	if i < 0 {
		return nil
	}
	return &d.Measured[i]
}

// Answer is the answer to [Data.Lookup].
type Answer struct {
	Effect  effect.Effect
	Refused string // the server's error where it does not carry the statement out
	Major   int    // the version that was measured
	Exact   bool   // Major is the version that was asked for
}

// Lookup returns what a statement does on a major version of a product: as measured on that one, else on
// the nearest below that was measured, else on the nearest above. It returns false for a statement that
// the matrix does not have.
func (d *Data) Lookup(p Product, id string, major int) (Answer, bool) {
	s := d.Section(p)
	if s == nil {
		return Answer{}, false
	}
	i := slices.IndexFunc(s.Results, func(o Outcome) bool { return o.ID == id })
	if i < 0 {
		return Answer{}, false
	}
	var best Answer
	for _, run := range s.Results[i].Runs {
		for _, m := range run.Majors {
			if best.Major == 0 || nearer(m, best.Major, major) {
				best = Answer{Effect: run.Effect, Refused: run.Refused, Major: m, Exact: m == major}
			}
		}
	}
	return best, best.Major != 0
}

// nearer says whether version a answers better than b for the version that is wanted.
func nearer(a, b, wanted int) bool {
	switch below := a <= wanted; {
	case below != (b <= wanted):
		return below
	case below:
		return a > b
	default:
		return a < b
	}
}

// merge adds the result of one version. Versions must come in ascending order.
func (o *Outcome) merge(r Result) {
	run := Run{Majors: []int{r.Major}, Effect: r.Effect, Refused: r.Refused, Notes: r.Notes}
	if n := len(o.Runs); n > 0 {
		last := &o.Runs[n-1]
		// What is held for a moment is seen by luck, so versions are not told apart by it.
		was, is := last.Effect.Class(), r.Effect.Class()
		run.Effect.Brief = max(was.Brief, is.Brief)
		was.Brief, is.Brief = effect.NoLock, effect.NoLock
		if was == is && last.Refused == r.Refused {
			run.Majors = append(last.Majors, r.Major)
			*last = run
			return
		}
		run.Effect.Brief = r.Effect.Brief
	}
	o.Runs = append(o.Runs, run)
}
