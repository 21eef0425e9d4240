package predict

import (
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// addConstraint predicts ADD CONSTRAINT.
func (p *predictor) addConstraint(t *schema.Table) Impact {
	k := p.a.Constraint
	switch k.Type {
	case statement.Check:
		if k.NotValid || k.Unenforced {
			return Impact{Kind: AddCheckNotValid, Effect: catalog(ax)}
		}
		im := Impact{Kind: AddCheckScan, Effect: with(ax, effect.Scan), Because: "every row is read to verify the CHECK"}
		if parts := p.partitions(t); len(parts) > 0 {
			im.Others, im.Effect.Other = parts, ax
		}
		return im
	case statement.NotNull:
		if k.NotValid {
			return Impact{Kind: AddNotNullNotValid, Effect: catalog(ax)}
		}
		a := *p.a
		a.Name = k.Columns[0]
		return (&predictor{p.Context, &a}).setNotNull(t)
	case statement.ForeignKey:
		im := Impact{Kind: AddFK, Effect: with(srx, effect.Scan), Because: "every row is looked up in the referenced table"}
		if k.NotValid || k.Unenforced {
			im = Impact{Kind: AddFKNotValid, Effect: catalog(srx)}
		}
		p.parent(&im, k.RefTable, srx)
		if im.Kind == AddFK && same(p.nameOf(k.RefTable), p.nameOf(p.a.Table)) {
			im.Because = "every row is looked up in the table itself"
		}
		return im
	case statement.Exclude:
		return Impact{Kind: AddExclude, Effect: with(ax, effect.IndexBuild), Because: "its index is built over all rows"}
	}
	if k.UsingIndex != "" {
		return p.usingIndex(t)
	}
	if k.Type == statement.PrimaryKey {
		im := Impact{Kind: AddPrimary, Effect: with(ax, effect.IndexBuild), Because: "its index is built over all rows"}
		if p.nullable(t, k.Columns) {
			im.Effect.Work |= effect.Scan
		}
		return im
	}
	return Impact{Kind: AddUnique, Effect: with(ax, effect.IndexBuild), Because: "its index is built over all rows"}
}

// nullable says whether a column may hold NULL as far as the schema knows, without a check that proves the
// contrary.
func (p *predictor) nullable(t *schema.Table, columns []string) bool {
	for _, name := range columns {
		if t == nil {
			return true
		}
		c := t.Column(name)
		if c == nil || !c.NotNull && !(p.Server.Major >= 12 && provesNotNull(t, name)) {
			return true
		}
	}
	return false
}

// usingIndex predicts a constraint that adopts an index: nothing is read, unless a primary key must find
// that its columns hold no NULL.
func (p *predictor) usingIndex(t *schema.Table) Impact {
	k := p.a.Constraint
	im := Impact{Kind: AddUsingIndex, Effect: catalog(ax)}
	if k.Type != statement.PrimaryKey || t == nil {
		return im
	}
	ix := t.Index(k.UsingIndex)
	if ix == nil {
		return im
	}
	var columns []string
	for _, key := range ix.Columns {
		columns = append(columns, key.Name)
	}
	if p.nullable(t, columns) {
		im.Kind, im.Effect.Work, im.Because = AddPrimaryUsingScan, effect.Scan, "a primary key makes its columns NOT NULL, and every row is read to look for NULL"
	}
	return im
}

// validate predicts VALIDATE CONSTRAINT: it reads every row under a lock that lets reads and writes pass.
func (p *predictor) validate(t *schema.Table) Impact {
	if t != nil {
		for _, fk := range t.ForeignKeys {
			if !same(fk.Name, p.a.Name) {
				continue
			}
			im := Impact{Kind: ValidateFK, Effect: with(sux, effect.Scan), Because: "every row is looked up in the referenced table"}
			if !fk.NotValid {
				return Impact{Kind: ValidateFK, Effect: catalog(sux), Because: "the constraint is valid already"}
			}
			im.Parents, im.Effect.Parent = []string{p.nameOf(fk.RefTable)}, effect.RowShare
			return im
		}
		for _, check := range t.Checks {
			if same(check.Name, p.a.Name) && !check.NotValid {
				return Impact{Kind: ValidateCheck, Effect: catalog(sux), Because: "the constraint is valid already"}
			}
		}
	}
	return Impact{Kind: ValidateCheck, Effect: with(sux, effect.Scan), Because: "every row is read to verify the constraint"}
}

// dropConstraint predicts DROP CONSTRAINT. Dropping a foreign key drops triggers of the parent, under
// ACCESS EXCLUSIVE on it.
func (p *predictor) dropConstraint(t *schema.Table) Impact {
	im := Impact{Kind: DropConstraintKind, Effect: catalog(ax)}
	if t == nil {
		return im
	}
	for _, fk := range t.ForeignKeys {
		if same(fk.Name, p.a.Name) {
			im.Kind = DropFK
			p.parent(&im, fk.RefTable, ax)
			return im
		}
	}
	if p.a.Cascade {
		im.Others = p.referring(t)
		if len(im.Others) > 0 {
			im.Effect.Other = ax
		}
	}
	return im
}

// alterDomain predicts ALTER DOMAIN: a constraint that is added is verified in every column of the type,
// under SHARE on each table.
func (p *predictor) alterDomain() Impact {
	k := p.a.Constraint
	notNull := p.a.Option == "set not"
	if k == nil && !notNull && p.a.Option != "validate constraint" {
		return Impact{Kind: Nothing}
	}
	users := p.using(p.a.Name)
	if k != nil && k.NotValid {
		return Impact{Kind: DomainNotValid}
	}
	im := Impact{Kind: DomainConstraint, Because: "every row of every column of the domain is read to verify it"}
	if len(users) > 0 {
		im.Table, im.Others = users[0], users[1:]
		im.Effect = effect.Effect{Other: effect.Share, Work: effect.Scan}
		im.Others = users
	}
	return im
}

// using lists the tables with a column of a type.
func (p *predictor) using(typeName string) []string {
	if p.Schema == nil {
		return nil
	}
	want := schema.ParseType(typeName).Name
	var out []string
	for _, name := range p.Schema.Names() {
		t := p.Schema.Tables[name]
		for _, c := range t.Columns {
			if c.Type.Name == want {
				out = append(out, t.Name)
				break
			}
		}
	}
	return out
}

// alterComposite predicts ALTER TYPE of a composite type: a typed table of it is altered along.
func (p *predictor) alterComposite() Impact { return Impact{Kind: Nothing} }
