package predict

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

const (
	sux = effect.ShareUpdateExclusive
	srx = effect.ShareRowExclusive
	ax  = effect.AccessExclusive
)

// postgres predicts an action on PostgreSQL. The locks of the forms of ALTER TABLE are those of the
// manual's page on it and of AlterTableGetLockLevel in the server's source; the matrix measures them.
func (p *predictor) postgres() Impact {
	a := p.a
	t := p.table(a.Table)
	switch a.Kind {
	case statement.AddColumn:
		return p.addColumn(t)
	case statement.AlterType:
		return p.alterType(t)
	case statement.AddConstraint:
		return p.addConstraint(t)
	case statement.Validate:
		return p.validate(t)
	case statement.DropConstraint:
		return p.dropConstraint(t)
	case statement.DropColumn:
		im := Impact{Kind: DropColumnKind, Effect: catalog(ax)}
		p.lockKeysOf(&im, t, a.Name)
		return im
	case statement.SetDefault, statement.DropDefault:
		return Impact{Kind: DefaultChange, Effect: catalog(ax)}
	case statement.SetNotNull:
		return p.setNotNull(t)
	case statement.DropNotNull:
		return Impact{Kind: DropNotNullKind, Effect: catalog(ax)}
	case statement.AddIdentity, statement.DropExpression:
		return Impact{Kind: AddIdentityKind, Effect: catalog(ax)}
	case statement.SetGenerated:
		if p.virtualColumn(t, a.Name) {
			return Impact{Kind: SetExpression, Effect: catalog(ax)}
		}
		return Impact{Kind: SetExpression, Effect: p.rewrite(t), Because: "the stored values are computed anew"}
	case statement.ColumnOption:
		lock := ax
		if a.Option == "statistics" || a.Option == "options" {
			lock = sux
		}
		return Impact{Kind: ColumnOptionKind, Effect: catalog(lock)}
	case statement.AlterConstraint:
		im := Impact{Kind: AlterConstraintKind, Effect: catalog(ax)}
		if t != nil {
			for _, fk := range t.ForeignKeys {
				if same(fk.Name, a.Name) {
					p.parent(&im, fk.RefTable, ax)
				}
			}
		}
		return im
	case statement.RenameTable:
		return Impact{Kind: RenameTableKind, Effect: catalog(ax)}
	case statement.RenameColumn:
		return Impact{Kind: RenameColumnKind, Effect: catalog(ax)}
	case statement.RenameConstraint:
		return Impact{Kind: RenameConstraint, Effect: catalog(ax)}
	case statement.SetSchema:
		return Impact{Kind: SetSchemaKind, Effect: catalog(ax)}
	case statement.OwnerTo:
		return Impact{Kind: OwnerKind, Effect: catalog(ax)}
	case statement.SetTablespace:
		return Impact{Kind: SetTablespaceKind, Effect: with(ax, effect.Rewrite), Because: "every page is copied into the other tablespace"}
	case statement.SetLogged:
		return Impact{Kind: SetLoggedKind, Effect: p.rewrite(t), Because: "the table is written anew, with or without its log"}
	case statement.SetAccessMethod:
		if a.Option == "without oids" || a.NewName == "heap" { // heap: what nearly every table has

			return Impact{Kind: TableFlag, Effect: catalog(ax)}
		}
		return Impact{Kind: SetAccessMethodKind, Effect: p.rewrite(t), Because: "every row is written by the other access method"}
	case statement.SetOptions:
		return Impact{Kind: StorageOptions, Effect: catalog(p.optionLock())}
	case statement.TriggerState:
		return Impact{Kind: TriggerStateKind, Effect: catalog(srx)}
	case statement.ClusterOn:
		return Impact{Kind: TableFlag, Effect: catalog(sux)}
	case statement.RuleState, statement.RowSecurity, statement.ReplicaIdentity:
		return Impact{Kind: TableFlag, Effect: catalog(ax)}
	case statement.Inherit:
		im := Impact{Kind: TableFlag, Effect: catalog(ax)}
		im.Others, im.Effect.Other = []string{p.nameOf(a.RefTable)}, sux
		return im
	case statement.AttachPartition, statement.DetachPartition:
		return p.partition(t)
	}
	return p.postgresObject(t)
}

// postgresObject predicts what is no part of an ALTER TABLE.
func (p *predictor) postgresObject(t *schema.Table) Impact {
	a := p.a
	switch a.Kind {
	case statement.CreateTable:
		return p.createTable()
	case statement.CreateTableAs, statement.CreateMatView:
		im := Impact{Kind: CreateTableAsKind, Effect: effect.Effect{Other: effect.AccessShare}}
		if len(a.Sources) > 0 && a.Option != "no data" {
			im.Effect.Work, im.Others = effect.Scan, a.Sources
		}
		return im
	case statement.CreateIndex:
		return p.createIndex(t)
	case statement.DropIndex:
		return p.dropIndex()
	case statement.RenameIndex:
		im := Impact{Kind: RenameIndexKind}
		lock := sux
		if p.Server.Major < 12 {
			lock = ax
		}
		im.Effect.Index = lock
		if owner := p.owner(a.Name); owner != nil {
			im.Table = owner.Name
		}
		return im
	case statement.AlterIndex:
		im := Impact{Kind: StorageOptions, Effect: effect.Effect{Index: ax}}
		switch a.Option {
		case "set", "reset", "attach":
			im.Effect.Index = sux
		case "tablespace":
			im.Kind, im.Effect.Work = SetTablespaceKind, effect.Rewrite
		}
		if owner := p.owner(a.Name); owner != nil {
			im.Table = owner.Name
		}
		return im
	case statement.DropTable:
		im := Impact{Kind: DropTableKind, Effect: catalog(ax)}
		for _, name := range a.Names {
			p.lockAllKeys(&im, p.table(name))
		}
		return im
	case statement.DropView:
		return Impact{Kind: DropViewKind, Effect: catalog(ax)}
	case statement.CreateView:
		if a.OrReplace && t != nil {
			return Impact{Kind: ReplaceViewKind, Effect: catalog(ax)}
		}
		return Impact{Kind: CreateViewKind}
	case statement.CreateTrigger:
		if a.Table == "" {
			return Impact{Kind: Nothing}
		}
		return Impact{Kind: CreateTriggerKind, Effect: catalog(srx)}
	case statement.DropTrigger:
		return Impact{Kind: DropTriggerKind, Effect: catalog(ax)}
	case statement.CreatePolicy:
		return Impact{Kind: CreatePolicyKind, Effect: catalog(ax)}
	case statement.CreateRule:
		return Impact{Kind: CreateRuleKind, Effect: catalog(ax)}
	case statement.CreateStatistics:
		return Impact{Kind: CreateStatsKind, Effect: catalog(sux)}
	case statement.Comment:
		if a.Table == "" {
			return Impact{Kind: Nothing}
		}
		return Impact{Kind: CommentKind, Effect: catalog(sux)}
	case statement.Truncate:
		return p.truncate(t)
	case statement.LockTable:
		lock, err := effect.ParseLock(a.Option)
		if err != nil {
			lock = ax
		}
		return Impact{Kind: LockKind, Effect: catalog(lock)}
	case statement.Refresh:
		switch {
		case a.Option == "no data":
			return Impact{Kind: RefreshKind, Effect: catalog(ax)}
		case a.Concurrently:
			im := Impact{Kind: RefreshConc, Effect: with(effect.Exclusive, effect.Scan|effect.Modify)}
			im.Effect.Unwritten = true
			return im
		}
		return Impact{Kind: RefreshKind, Effect: p.rewrite(t), Because: "the view is computed and written anew"}
	case statement.Vacuum, statement.Analyze, statement.Cluster, statement.Reindex:
		return p.maintenance(t)
	case statement.AlterEnum:
		return Impact{Kind: EnumAddValue}
	case statement.AlterDomain:
		return p.alterDomain()
	case statement.AlterComposite:
		return p.alterComposite()
	case statement.Insert, statement.Update, statement.Delete, statement.Copy:
		return p.write(t)
	case statement.Opaque, statement.Unrecognised:
		return Impact{Kind: Unknown, Unsure: true}
	case statement.RenameOther:
		return Impact{Kind: RenameConstraint, Effect: catalog(ax)}
	}
	return Impact{Kind: Nothing}
}

// rewrite is the effect of a rewrite of a table: its indexes are built anew.
func (p *predictor) rewrite(t *schema.Table) effect.Effect {
	e := with(ax, effect.Rewrite)
	if hasIndex(t) {
		e.Work |= effect.IndexBuild
	}
	return e
}

// optionLock is the lock for SET (options): most need SHARE UPDATE EXCLUSIVE only (manual, ALTER TABLE).
func (p *predictor) optionLock() effect.Lock {
	for _, name := range strings.Split(p.a.Option, ",") {
		switch {
		case name == "user_catalog_table", name == "security_barrier", name == "security_invoker", name == "check_option":
			return ax
		case p.Server.Major < 13 && name == "vacuum_index_cleanup":
			return sux
		}
	}
	return sux
}

func (p *predictor) setNotNull(t *schema.Table) Impact {
	column := p.a.Name
	if t != nil {
		if c := t.Column(column); c != nil && c.NotNull {
			return Impact{Kind: SetNotNullProved, Effect: catalog(ax), Because: "the column is NOT NULL already"}
		}
		if p.Server.Major >= 12 && provesNotNull(t, column) {
			return Impact{Kind: SetNotNullProved, Effect: catalog(ax), Because: "a valid CHECK proves that there is no NULL"}
		}
	}
	im := Impact{Kind: SetNotNullScan, Effect: with(ax, effect.Scan), Because: "every row is read to look for NULL"}
	if parts := p.partitions(t); len(parts) > 0 {
		im.Others, im.Effect.Other = parts, ax
	}
	im.Unsure = !known(t)
	return im
}

// provesNotNull says whether a validated CHECK holds "column IS NOT NULL" as one of its conjuncts, which
// is what the server's prover sees.
func provesNotNull(t *schema.Table, column string) bool {
	for _, check := range t.Checks {
		if check.NotValid {
			continue
		}
		expr := strings.ToLower(check.Expr)
		if strings.Contains(expr, " or ") {
			continue
		}
		for _, part := range strings.Split(expr, " and ") {
			fields := strings.Fields(strings.Map(func(r rune) rune {
				if r == '(' || r == ')' {
					return ' '
				}
				return r
			}, part))
			if len(fields) == 4 && same(fields[0], column) && strings.Join(fields[1:], " ") == "is not null" {
				return true
			}
		}
	}
	return false
}

// parent adds a lock on a table that a foreign key refers to.
func (p *predictor) parent(im *Impact, name string, lock effect.Lock) {
	if name == "" {
		return
	}
	name = p.nameOf(name)
	if t := p.table(p.a.Table); t != nil && same(t.Name, name) {
		im.Effect.Target = max(im.Effect.Target, lock)
		return
	}
	if !contains(im.Parents, name) {
		im.Parents = append(im.Parents, name)
	}
	im.Effect.Parent = max(im.Effect.Parent, lock)
}

// lockKeysOf adds the locks of dropping the foreign keys that a column is part of: their triggers are
// dropped from the parent too.
func (p *predictor) lockKeysOf(im *Impact, t *schema.Table, column string) {
	if t == nil {
		return
	}
	for _, fk := range t.ForeignKeys {
		if fk.Enforced && contains(fk.Columns, column) {
			p.parent(im, fk.RefTable, ax)
		}
	}
	if p.a.Cascade {
		for _, name := range p.referring(t) {
			for _, fk := range p.Schema.Table(name).ForeignKeys {
				if contains(fk.RefColumns, column) && p.Schema.Table(fk.RefTable) == t {
					im.Others, im.Effect.Other = append(im.Others, name), ax
				}
			}
		}
	}
}

// lockAllKeys adds the locks of dropping a table: on the parents of its foreign keys, and with CASCADE on
// the tables that refer to it.
func (p *predictor) lockAllKeys(im *Impact, t *schema.Table) {
	if t == nil {
		return
	}
	for _, fk := range t.ForeignKeys {
		if fk.Enforced {
			p.parent(im, fk.RefTable, ax)
		}
	}
	if p.a.Cascade {
		for _, name := range p.referring(t) {
			im.Others, im.Effect.Other = append(im.Others, name), ax
		}
	}
	if t.PartitionOf != "" {
		im.Others, im.Effect.Other = append(im.Others, t.PartitionOf), ax
	}
}
