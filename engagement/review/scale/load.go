package scale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/foundation/progress"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Filled says how far a table was filled.
type Filled struct {
	Table  string        `json:"table"`
	Rows   int64         `json:"rows"`
	Wanted int64         `json:"wanted"`
	Bytes  unit.Bytes    `json:"bytes"` // sent to the server
	Took   time.Duration `json:"took_ns"`
	Reason string        `json:"reason,omitempty"` // why there are fewer than wanted
}

// Load fills the tables over conn, parents first, by COPY. Foreign keys and users' triggers are not
// checked and not run where the user may switch them off, as rows refer to each other by construction.
// A table whose constraints refuse the rows is tried again with NULLs or defaults in the columns at
// fault, and if that is refused too it stays empty and its Reason says why; that is no error. Tables must
// be empty before.
func (g *Generator) Load(ctx context.Context, conn *pgconn.PgConn, to progress.Reporter) ([]Filled, error) {
	after := []string{"set session_replication_role = origin"}
	if err := run(ctx, conn, "set session_replication_role = replica"); err != nil {
		after = nil
		if refused := (*pgconn.PgError)(nil); !errors.As(err, &refused) {
			return nil, err
		}
		g.note("the user may not switch off triggers, so foreign keys are checked and users' triggers run while rows are loaded")
	}
	total := int64(0)
	for _, f := range g.order {
		if len(f.parts) == 0 {
			total += f.rows
		}
	}
	stage := progress.OrSilent(to).Stage("filling tables", total)
	defer stage.End()
	var all []Filled
	for _, f := range g.order {
		routed := f.table.PartitionOf != "" && len(g.tables[f.table.PartitionOf].parts) == 0
		if len(f.parts) > 0 || routed || f.rows == 0 {
			continue
		}
		result, err := g.load(ctx, conn, f, stage)
		if err != nil {
			return all, fmt.Errorf("fill %s: %w", f.table.Key(), err)
		}
		all = append(all, result)
	}
	return all, run(ctx, conn, append(after, "vacuum analyze")...)
}

// tries is how often a table is loaded with other values before it is given up.
const tries = 8

func (g *Generator) load(ctx context.Context, conn *pgconn.PgConn, f *filling, stage progress.Stage) (Filled, error) {
	result := Filled{Table: f.table.Key(), Wanted: f.rows}
	began := time.Now()
	for range tries {
		// A few rows first: what is refused at all is refused there, in no time.
		err := f.rehearse(ctx, conn)
		if err == nil {
			var r *rows
			if r, err = f.copy(ctx, conn, f.rows, stage); err == nil {
				result.Rows, result.Bytes, result.Took = f.rows, unit.Bytes(r.sent), time.Since(began)
				return result, f.advance(ctx, conn)
			}
		}
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || conn.IsClosed() {
			return result, err
		}
		result.Reason = fmt.Sprintf("%s (%s)", refused.Message, refused.Code)
		if !g.adapt(f, refused) {
			break
		}
	}
	g.note("%s stays empty: %s", f.table.Key(), result.Reason)
	f.rows = 0
	return result, nil
}

// rehearse loads some rows and takes them back.
func (f *filling) rehearse(ctx context.Context, conn *pgconn.PgConn) error {
	if err := run(ctx, conn, "begin"); err != nil {
		return err
	}
	_, err := f.copy(ctx, conn, min(f.rows, 1000), nil)
	if back := run(ctx, conn, "rollback"); err == nil {
		err = back
	}
	return err
}

var columnInContext = regexp.MustCompile(`^COPY .*, line \d+, column ([^:]+)`)

// adapt changes the columns that an error is about, and reports whether a further try is worth it.
func (g *Generator) adapt(f *filling, refused *pgconn.PgError) bool {
	var names []string
	switch {
	case refused.ConstraintName != "":
		for _, k := range f.table.Constraints {
			if k.Name == refused.ConstraintName {
				names = k.Columns
			}
		}
		for _, i := range f.table.Indexes {
			if names == nil && i.Name == refused.ConstraintName {
				names = i.Columns
			}
		}
	case refused.ColumnName != "":
		names = []string{refused.ColumnName}
	default:
		if m := columnInContext.FindStringSubmatch(refused.Where); m != nil {
			names = []string{strings.Trim(m[1], `"`)}
		}
	}
	changed := false
	for _, name := range names {
		c := f.byName[name]
		switch {
		case c == nil || c.omitted:
			continue
		case !c.column.NotNull && c.nulls < 1:
			c.nulls = 1
		case c.column.Default != "":
			c.omitted = true
		default:
			continue
		}
		changed = true
		g.note("%s: %s holds NULL or its default, because the server refused other values: %s", f.table.Key(), name, refused.Message)
	}
	return changed
}

// copy loads n rows in one COPY, all or none.
func (f *filling) copy(ctx context.Context, conn *pgconn.PgConn, n int64, stage progress.Stage) (*rows, error) {
	r := &rows{n: n, stage: stage}
	var names []string
	for _, c := range f.columns {
		if !c.omitted {
			r.columns = append(r.columns, c)
			names = append(names, quoteName(c.column.Name))
		}
	}
	columns := " (" + strings.Join(names, ", ") + ")"
	if len(names) == 0 {
		columns = ""
	}
	_, err := conn.CopyFrom(ctx, r, "copy "+quote(f.table)+columns+" from stdin")
	return r, err
}

// advance moves the sequences of the table's columns past the loaded values, as inserts of a migration
// would else meet them.
func (f *filling) advance(ctx context.Context, conn *pgconn.PgConn) error {
	for _, c := range f.columns {
		if !c.counts() || !slices.Contains([]string{"int2", "int4", "int8"}, c.column.Base) {
			continue
		}
		sequence := "pg_get_serial_sequence(" + literalText(quote(f.table)) + ", " + literalText(c.column.Name) + ")"
		if name, ok := strings.CutPrefix(c.column.Default, "nextval("); ok {
			sequence, _, _ = strings.Cut(name, "::regclass")
		}
		err := run(ctx, conn, fmt.Sprintf("select setval(s::regclass, greatest((select max(%s) from %s), 1)) from (select %s s) x where s is not null", quoteName(c.column.Name), quote(f.table), sequence))
		if err != nil {
			return err
		}
	}
	return nil
}

// rows is a table's rows as COPY reads them.
type rows struct {
	columns []*columnFilling
	n, next int64
	sent    int64
	stage   progress.Stage
	buffer  []byte
	from    int
}

// Read implements [io.Reader].
func (r *rows) Read(p []byte) (int, error) {
	if r.from == len(r.buffer) {
		if r.next == r.n {
			return 0, io.EOF
		}
		r.buffer, r.from = r.buffer[:0], 0
		before := r.next
		for len(r.buffer) < 1<<16 && r.next < r.n {
			for i, c := range r.columns {
				if i > 0 {
					r.buffer = append(r.buffer, '\t')
				}
				r.buffer = c.append(r.buffer, r.next)
			}
			r.buffer = append(r.buffer, '\n')
			r.next++
		}
		r.sent += int64(len(r.buffer))
		if r.stage != nil {
			r.stage.Add(r.next - before)
		}
	}
	n := copy(p, r.buffer[r.from:])
	r.from += n
	return n, nil
}

// run executes statements one by one and drops their results.
func run(ctx context.Context, conn *pgconn.PgConn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s).ReadAll(); err != nil {
			return err
		}
	}
	return nil
}

func quote(t *Table) string { return quoteName(t.Schema) + "." + quoteName(t.Name) }

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literalText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
