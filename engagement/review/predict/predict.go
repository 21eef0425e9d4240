// Package predict says what an action of a migration will do to a server, before it runs: the locks it
// takes and on which tables, and the work that grows with them, as an [effect.Effect].
//
// A prediction is made from the form of the statement, the schema as it stands before it, and the version
// and time zone of the server. Each is of a [Kind]; the matrix of measured statements says of each kind
// and version what a real server did, and a test holds the two together, so that this package states
// rules and not opinions. What the schema does not tell is assumed to be the worse case and marked by
// [Impact.Unsure]. The package reads no files and reports no findings.
package predict

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Impact is the prediction for one action.
type Impact struct {
	Kind   Kind
	Action *statement.Action
	// Table is the relation that is changed, as the schema names it; empty for none.
	Table string
	// Parents are the tables that foreign keys of it refer to and that are locked; Others are further
	// tables that are locked: partitions, tables that refer to it.
	Parents []string
	Others  []string
	Effect  effect.Effect
	// RowsLocked are the tables of which every row and gap is locked until the transaction ends, so that all their writers
	// wait (InnoDB, REPEATABLE READ). With Unsure it is so unless an index fits.
	RowsLocked []string
	// Because is the fact that decides, as a clause: "the default is computed for each row".
	Because string
	// Refused: the server answers with an error because of a clause of the statement, before it locks.
	Refused bool
	// Unsure: the schema does not tell, and the worse case was taken.
	Unsure bool
}

// Harm is the harm of the effect.
func (im *Impact) Harm() bool { return im.Effect.Harm() && !im.Refused }

// Context is what a prediction is made from. The functions may be nil.
type Context struct {
	Server Server
	Schema *schema.Schema
	// IndexTable finds the table of an index by name.
	IndexTable func(name string) *schema.Table
	// Domain finds a domain by name: its base type, and whether it has constraints.
	Domain func(name string) (base schema.Type, constrained, ok bool)
	// Volatility of a function by name: "volatile", "stable", "immutable", or "" when unknown.
	Volatility func(name string) string
	// TimeZone of the session, as SET timezone takes it; empty when not known.
	TimeZone string
	// Statement holds all actions of the statement that the action is one of.
	Statement []statement.Action
	// ForeignKeyChecks is false after SET foreign_key_checks = 0 (MySQL).
	NoForeignKeyChecks bool
	// ReadCommitted: the session asked for READ COMMITTED or less (MySQL).
	ReadCommitted bool
}

// Of predicts what an action does.
func Of(c *Context, a *statement.Action) Impact {
	p := predictor{Context: c, a: a}
	var im Impact
	if c.Server.Product == PostgreSQL {
		im = p.postgres()
	} else {
		im = p.mysql()
	}
	im.Action = a
	if im.Table == "" {
		im.Table = p.nameOf(a.Table)
	}
	// Of views, only a materialized one has rows that a statement could work on.
	if t := p.table(im.Table); c.Server.Product == PostgreSQL && (a.Kind == statement.Refresh || t != nil && t.View) {
		im.Effect.Unwritten = true
	}
	return im
}

type predictor struct {
	*Context
	a *statement.Action
}

// table finds a table of the schema, or returns nil.
func (p *predictor) table(name string) *schema.Table {
	if p.Schema == nil || name == "" {
		return nil
	}
	return p.Schema.Table(name)
}

// nameOf is a table's name as the schema has it, else as written.
func (p *predictor) nameOf(name string) string {
	if t := p.table(name); t != nil {
		return t.Name
	}
	return name
}

// known says whether the schema holds the whole table.
func known(t *schema.Table) bool { return t != nil && !t.Incomplete }

// catalog is an effect that changes catalogs only.
func catalog(lock effect.Lock) effect.Effect { return effect.Effect{Target: lock} }

func with(lock effect.Lock, work effect.Work) effect.Effect {
	return effect.Effect{Target: lock, Work: work}
}

// owner finds the table of an index.
func (p *predictor) owner(index string) *schema.Table {
	if p.IndexTable == nil {
		return nil
	}
	return p.IndexTable(index)
}

// referring lists the tables whose foreign keys point at a table.
func (p *predictor) referring(t *schema.Table) []string {
	if t == nil || p.Schema == nil || !t.Partitioned && !t.Incomplete {
		return nil
	}
	var out []string
	for _, other := range p.Schema.Tables {
		if other == t {
			continue
		}
		for _, fk := range other.ForeignKeys {
			if fk.Enforced && fk.RefTable != "" && p.Schema.Table(fk.RefTable) == t {
				out = append(out, other.Name)
				break
			}
		}
	}
	return out
}

// partitions lists the partitions of a table.
func (p *predictor) partitions(t *schema.Table) []string {
	if t == nil || p.Schema == nil || !t.Partitioned && !t.Incomplete {
		return nil
	}
	var out []string
	for _, other := range p.Schema.Tables {
		if other.PartitionOf != "" && p.Schema.Table(other.PartitionOf) == t {
			out = append(out, other.Name)
		}
	}
	slices.Sort(out)
	return out
}

func partitioned(t *schema.Table) bool { return t != nil && t.Partitioned }

// hasIndex says whether a table has any index; a table that is not known is taken to have one.
func hasIndex(t *schema.Table) bool { return !known(t) || len(t.Indexes) > 0 }

// isNull says whether a default is NULL, perhaps cast.
func isNull(toks []sqltoken.Token) bool {
	return len(toks) > 0 && toks[0].Is("NULL") && (len(toks) == 1 || toks[1].Op("::"))
}

func same(a, b string) bool { return strings.EqualFold(schema.Unquote(a), schema.Unquote(b)) }

func contains(names []string, name string) bool {
	for _, n := range names {
		if same(n, name) {
			return true
		}
	}
	return false
}
