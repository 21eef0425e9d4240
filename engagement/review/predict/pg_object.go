package predict

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// createTable predicts CREATE TABLE: the table itself concerns nobody, its parents do.
func (p *predictor) createTable() Impact {
	a := p.a
	im := Impact{Kind: CreateTableKind, Table: a.Table}
	refs := append([]*statement.Constraint(nil), a.Def.Constraints...)
	for _, c := range a.Def.Columns {
		refs = append(refs, c.Constraints...)
	}
	if !a.Temporary {
		for _, k := range refs {
			if k.Type == statement.ForeignKey && !same(k.RefTable, a.Table) {
				im.Kind = CreateTableFK
				p.parent(&im, k.RefTable, srx)
			}
		}
	}
	if of := a.Def.PartitionOf; of != "" {
		parent := p.table(of)
		im.Kind, im.Table = PartitionOfKind, p.nameOf(of)
		im.Effect.Target = ax
		if name := p.defaultPartition(parent); name != "" && !a.Default && provesBounds(p.table(name)) {
			im.Others, im.Effect.Other = []string{name}, ax
		} else if name != "" && !a.Default {
			im.Kind = PartitionDefault
			im.Others, im.Effect.Other, im.Effect.Work = []string{name}, ax, effect.Scan
			im.Because = "every row of the default partition " + name + " is read to see that none belongs into the new one"
		}
	}
	for _, parent := range a.Def.Inherits {
		im.Others, im.Effect.Other = append(im.Others, p.nameOf(parent)), max(im.Effect.Other, sux)
	}
	return im
}

// defaultPartition finds a partition whose name or definition says that it is the default. The schema
// model holds no bounds, so that the name must do when no statement said it.
func (p *predictor) defaultPartition(parent *schema.Table) string {
	if parent == nil {
		return ""
	}
	for _, name := range p.partitions(parent) {
		if t := p.Schema.Table(name); t != nil && t.DefaultPartition {
			return name
		}
	}
	return ""
}

// createIndex predicts CREATE INDEX.
func (p *predictor) createIndex(t *schema.Table) Impact {
	a := p.a
	if a.IfNotExists && t != nil && a.Name != "" && t.Index(a.Name) != nil {
		return Impact{Kind: CreateIndexKind, Effect: catalog(effect.Share), Because: "an index of that name is there already"}
	}
	switch {
	case a.Concurrently:
		return Impact{Kind: CreateIndexConc, Effect: effect.Effect{Target: sux, Work: effect.IndexBuild, OutsideTransaction: true}}
	case a.Only && partitioned(t):
		return Impact{Kind: CreateIndexOnly, Effect: catalog(effect.Share)}
	}
	im := Impact{Kind: CreateIndexKind, Effect: with(effect.Share, effect.IndexBuild), Because: "the index is built over all rows"}
	if parts := p.partitions(t); len(parts) > 0 {
		im.Others, im.Effect.Other = parts, effect.Share
		im.Because = "the index is built over all rows of all partitions"
		if p.indexed(parts) {
			im.Effect.Work, im.Because = 0, "each partition has such an index already, which is adopted"
		}
	}
	return im
}

// indexed says whether each of the partitions has an index of the keys at hand.
func (p *predictor) indexed(parts []string) bool {
	for _, name := range parts {
		found := false
		for _, ix := range p.Schema.Table(name).Indexes {
			if len(ix.Columns) != len(p.a.Index.Columns) || ix.Unique != p.a.Index.Unique {
				continue
			}
			equal := true
			for i := range ix.Columns {
				equal = equal && same(ix.Columns[i].Name, p.a.Index.Columns[i])
			}
			found = found || equal
		}
		if !found {
			return false
		}
	}
	return true
}

func (p *predictor) dropIndex() Impact {
	a := p.a
	im := Impact{Kind: DropIndexKind, Effect: catalog(ax)}
	if a.Concurrently {
		im = Impact{Kind: DropIndexConc, Effect: effect.Effect{Target: sux, OutsideTransaction: true}}
	}
	for _, name := range a.Names {
		if owner := p.owner(name); owner != nil {
			im.Table = owner.Name
			break
		}
	}
	return im
}

func (p *predictor) truncate(t *schema.Table) Impact {
	im := Impact{Kind: TruncateKind, Effect: catalog(ax)}
	if p.a.Cascade {
		if im.Others = p.referring(t); len(im.Others) > 0 {
			im.Effect.Other = ax
		}
	}
	return im
}

// lacking is an index of a partitioned table that a table to be attached has no match of, so that the server builds
// it; empty when it has all, or is not known.
func lacking(parent, child *schema.Table) string {
	if parent == nil || child == nil || child.Incomplete || parent.Incomplete {
		return ""
	}
	if len(parent.PrimaryKey) > 0 && !slices.Equal(parent.PrimaryKey, child.PrimaryKey) {
		return "of the primary key"
	}
	for _, want := range parent.Indexes {
		if !slices.ContainsFunc(child.Indexes, func(have *schema.Index) bool {
			return slices.Equal(have.Columns, want.Columns) && have.Where == want.Where && (have.Unique || !want.Unique)
		}) {
			return want.Name
		}
	}
	return ""
}

// partition predicts ATTACH and DETACH PARTITION. ATTACH reads the new partition to see that its rows
// fit the bounds, unless a valid CHECK says so, and the default partition, if there is one.
func (p *predictor) partition(t *schema.Table) Impact {
	a := p.a
	child := p.nameOf(a.RefTable)
	if a.Kind == statement.DetachPartition {
		if a.Concurrently || a.Option == "finalize" {
			return Impact{Kind: DetachConcurrently, Effect: effect.Effect{Target: sux, OutsideTransaction: a.Concurrently, Other: ax}, Others: []string{child}}
		}
		return Impact{Kind: DetachKind, Effect: effect.Effect{Target: ax, Other: ax}, Others: []string{child}}
	}
	im := Impact{Kind: AttachScan, Others: []string{child}, Effect: effect.Effect{Target: sux, Other: ax, Work: effect.Scan}, Because: "every row of " + child + " is read to see that it fits the bounds"}
	if p.Server.Major < 12 {
		im.Effect.Target = ax
	}
	if c := p.table(a.RefTable); c != nil && provesBounds(c) {
		im.Kind, im.Because = AttachProved, "a valid CHECK proves that the rows fit the bounds"
		im.Effect.Work = 0
	}
	if missing := lacking(t, p.table(a.RefTable)); missing != "" {
		im.Effect.Work |= effect.IndexBuild
		if im.Kind == AttachProved {
			im.Kind, im.Because = AttachScan, "the index "+missing+" of the parent has no match on "+child+" and is built there"
		}
	}
	if name := p.defaultPartition(t); name != "" && !a.Default && provesBounds(p.table(name)) {
		im.Others = append(im.Others, name)
	} else if name != "" && !a.Default {
		im.Kind, im.Others = AttachDefault, append(im.Others, name)
		im.Effect.Work |= effect.Scan
		im.Because = "every row of the default partition " + name + " is read to see that none belongs into the new one"
	}
	return im
}

// provesBounds says whether a table has a valid CHECK of the form that bounds have: comparisons on a
// column that is also said to be not null. The server proves it exactly; a CHECK of this form that is
// there at all was most likely put there for it.
func provesBounds(t *schema.Table) bool {
	for _, check := range t.Checks {
		if check.NotValid {
			continue
		}
		expr := strings.ToLower(check.Expr)
		if strings.Contains(expr, ">=") && strings.Contains(expr, "<") || strings.Contains(expr, " in (") || strings.Contains(expr, "= any") || strings.Contains(expr, "=") && !strings.ContainsAny(expr, "<>") {
			return true
		}
	}
	return false
}

func (p *predictor) maintenance(t *schema.Table) Impact {
	a := p.a
	switch a.Kind {
	case statement.Analyze:
		return Impact{Kind: AnalyzeKind, Effect: catalog(sux)}
	case statement.Vacuum:
		if a.Full {
			e := p.rewrite(t)
			e.OutsideTransaction = true
			return Impact{Kind: VacuumFullKind, Effect: e, Because: "the table is written anew"}
		}
		return Impact{Kind: VacuumKind, Effect: effect.Effect{Target: sux, OutsideTransaction: true, Work: effect.Scan}}
	case statement.Cluster:
		return Impact{Kind: ClusterKind, Effect: p.rewrite(t), Because: "the table is written anew in the order of an index"}
	}
	im := Impact{Kind: ReindexKind, Effect: effect.Effect{Target: effect.Share, Index: ax, Work: effect.IndexBuild}, Because: "the indexes are built anew, and queries that would plan with them wait"}
	if a.Concurrently {
		im = Impact{Kind: ReindexConc, Effect: effect.Effect{Target: sux, Index: sux, Work: effect.IndexBuild, OutsideTransaction: true}}
	}
	switch a.Option {
	case "schema", "database", "system":
		im.Table = a.Name
	case "index":
		if owner := p.owner(a.Name); owner != nil {
			im.Table = owner.Name
		}
	}
	return im
}

// write predicts writes of rows.
func (p *predictor) write(t *schema.Table) Impact {
	w := p.a.Write
	lock := effect.RowExclusive
	switch p.a.Kind {
	case statement.Copy:
		if p.a.Option == "to" {
			return Impact{Kind: Nothing}
		}
		return Impact{Kind: CopyKind, Effect: catalog(lock)}
	case statement.Insert:
		if w.Values || len(w.Sources) == 0 && !w.With {
			return Impact{Kind: InsertValues, Effect: catalog(lock)}
		}
		return Impact{Kind: InsertSelect, Effect: with(lock, effect.Modify|effect.Scan), Others: w.Sources, Because: "rows are written in proportion to what the query reads"}
	}
	few := w.Limited && len(w.Where) > 0 || p.pinned(t, w)
	many, some := UpdateAll, UpdateFew
	if p.a.Kind == statement.Delete {
		many, some = DeleteAll, DeleteFew
	}
	if few {
		return Impact{Kind: some, Effect: catalog(lock)}
	}
	because := "there is no WHERE, so that every row is written"
	if len(w.Where) > 0 {
		because = "the WHERE names no unique key, so that the rows it writes grow with the table"
	}
	return Impact{Kind: many, Effect: with(lock, effect.Modify|effect.Scan), Because: because}
}

// pinned says whether the WHERE holds a unique key to constants: a few rows at most.
func (p *predictor) pinned(t *schema.Table, w *statement.Write) bool {
	if len(w.Where) == 0 || w.From {
		return false
	}
	fixed := map[string]bool{}
	toks := w.Where
	for i := range toks {
		if toks[i].Is("OR") || toks[i].Is("NOT") && i+1 < len(toks) && toks[i+1].Op("(") {
			return false
		}
		if (toks[i].Kind != sqltoken.Word && toks[i].Kind != sqltoken.Quoted) || i+2 > len(toks)-1 {
			continue
		}
		value := &toks[i+2]
		constant := value.Kind == sqltoken.Number || value.Kind == sqltoken.String || value.Kind == sqltoken.Param
		list := toks[i+1].Is("IN") && value.Op("(") && i+3 < len(toks) && !toks[i+3].Is("SELECT")
		if (toks[i+1].Op("=") && constant || list) && (i == 0 || !toks[i-1].Is("NOT")) {
			fixed[strings.ToLower(toks[i].Value())] = true
		}
	}
	if len(fixed) == 0 {
		return false
	}
	if t == nil {
		return fixed["id"]
	}
	all := func(columns []string) bool {
		for _, c := range columns {
			if !fixed[strings.ToLower(c)] {
				return false
			}
		}
		return len(columns) > 0
	}
	if all(t.PrimaryKey) || !known(t) && fixed["id"] {
		return true
	}
	for _, ix := range t.Indexes {
		if !ix.Unique || ix.Where != "" {
			continue
		}
		var columns []string
		for _, key := range ix.Columns {
			columns = append(columns, key.Name)
		}
		if all(columns) {
			return true
		}
	}
	return false
}
