package predict

import (
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// online is an effect of InnoDB's online DDL.
func online(a effect.Algorithm, admits effect.Admits, work effect.Work) effect.Effect {
	return effect.Effect{Algorithm: a, Admits: admits, Work: work}
}

// copied is the effect of ALGORITHM=COPY: a new table is filled row by row while writes wait.
func copied() effect.Effect { return online(effect.Copy, effect.Reads, effect.Rewrite) }

// rebuilt is a rebuild inside the engine, with writes going on and logged aside.
func rebuilt() effect.Effect { return online(effect.Inplace, effect.ReadsWrites, effect.Rewrite) }

func instant() effect.Effect { return online(effect.Instant, effect.ReadsWrites, 0) }

// meta is the effect of a change that InnoDB carries out in its dictionary. MariaDB accepts INSTANT for it.
func (p *predictor) meta() effect.Effect {
	if p.Server.Product == MariaDB {
		return instant()
	}
	return online(effect.Inplace, effect.ReadsWrites, 0)
}

// mysql predicts an action on MySQL or MariaDB with InnoDB. The rules are those of the manuals: MySQL 8.4,
// 17.12.1 "Online DDL Operations"; MariaDB, "InnoDB Online DDL Operations with the INSTANT / NOCOPY /
// INPLACE Alter Algorithm". What was measured, on MariaDB only, stands in the matrix.
func (p *predictor) mysql() Impact {
	t := p.table(p.a.Table)
	im := p.mysqlAction(t)
	if im.Effect.Algorithm != effect.NoAlgorithm {
		p.heedClauses(&im)
	}
	return im
}

// heedClauses follows ALGORITHM and LOCK. A clause that the server cannot meet makes the statement fail
// at once, before anything waits (errors 1845, 1846, and 1221 for LOCK beside INSTANT on MySQL); ALGORITHM=COPY
// makes a copy of what needed none.
func (p *predictor) heedClauses(im *Impact) {
	var want effect.Algorithm
	switch p.a.Algorithm {
	case "INSTANT":
		want = effect.Instant
	case "NOCOPY":
		want = effect.NoCopy
	case "INPLACE":
		want = effect.Inplace
	case "COPY":
		if im.Effect.Algorithm != effect.Copy {
			*im = Impact{Kind: MyCopy, Table: im.Table, Effect: copied(), Because: "ALGORITHM=COPY asks for a copy that would not be needed"}
		}
		if p.a.Lock == "NONE" {
			p.refuse(im, "a copy is filled while writes wait, so that LOCK=NONE cannot be had", true)
		}
		return
	}
	if p.Server.Product == MySQL {
		switch {
		case want == effect.NoCopy:
			p.refuse(im, "MySQL has no ALGORITHM=NOCOPY, which is MariaDB's", true)
			return
		case want == effect.Instant && p.a.Lock != "" && p.a.Lock != "DEFAULT":
			p.refuse(im, "MySQL takes no LOCK beside ALGORITHM=INSTANT but LOCK=DEFAULT", true)
			return
		}
	}
	if want != effect.NoAlgorithm && im.Effect.Algorithm > want {
		p.refuse(im, im.Because, p.certain(im))
		return
	}
	switch p.a.Lock {
	case "NONE":
		if im.Effect.Admits > effect.ReadsWrites {
			p.refuse(im, im.Because, p.certain(im))
		}
	case "SHARED":
		if im.Effect.Admits > effect.Reads {
			p.refuse(im, im.Because, p.certain(im))
		} else if im.Effect.Work != 0 {
			im.Effect.Admits = max(im.Effect.Admits, effect.Reads)
		}
	case "EXCLUSIVE":
		im.Effect.Admits = effect.Nothing
	}
}

// refuse marks an impact as refused by the server because of a clause. Where the rules leave open whether it is, the
// impact is unsure.
func (p *predictor) refuse(im *Impact, because string, certain bool) {
	im.Refused, im.Unsure = true, im.Unsure || !certain
	im.Because = because
}

// certain says whether the algorithm that was predicted is the least that the server takes. MariaDB accepts INSTANT for
// some changes that copy all rows (partitions, another engine); the line that the length of a varchar crosses hangs
// on a character set that the schema may not tell; and options of a table differ by version.
func (p *predictor) certain(im *Impact) bool {
	switch im.Kind {
	case MyCopy, MyStoredCol, MyDropPrimary, MyEnum, MyForeignKey, MyIndex, MyIndexShared, MyRebuild, MyNotNull:
		return p.a.Kind != statement.Rebuild && p.a.Kind != statement.TableOption
	case MyMeta:
		return p.a.Kind == statement.DropIndex || p.a.Kind == statement.DropColumn
	}
	return false
}

func (p *predictor) mysqlAction(t *schema.Table) Impact {
	a := p.a
	maria := p.Server.Product == MariaDB
	switch a.Kind {
	case statement.AddColumn:
		return p.mysqlAddColumn()
	case statement.DropColumn:
		return p.mysqlDropColumn(t)
	case statement.Modify:
		return p.mysqlModify(t)
	case statement.SetDefault, statement.DropDefault, statement.RenameColumn, statement.RenameTable, statement.ColumnOption, statement.IndexVisibility, statement.RenameIndex:
		return Impact{Kind: MyInstant, Effect: instant()}
	case statement.CreateIndex:
		if a.Index != nil && (a.Index.Method == "fulltext" || a.Index.Method == "spatial") {
			return Impact{Kind: MyIndexShared, Effect: online(effect.Inplace, effect.Reads, effect.IndexBuild), Because: "a " + strings.ToUpper(a.Index.Method) + " index is built while writes wait"}
		}
		return Impact{Kind: MyIndex, Effect: online(effect.NoCopy, effect.ReadsWrites, effect.IndexBuild), Because: "the index is built in place"}
	case statement.DropIndex:
		im := Impact{Kind: MyMeta, Effect: p.meta()}
		if maria {
			im.Effect.Algorithm = effect.NoCopy
		}
		if a.Table == "" {
			im.Table = a.Name
		}
		return im
	case statement.AddConstraint:
		return p.mysqlConstraint(t)
	case statement.DropConstraint:
		if a.Option == "primary key" {
			if p.readds() {
				return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "the table is built anew in the order of the new primary key"}
			}
			if maria && promoted(t) {
				return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "the table is built anew in the order of a unique index over columns that are not null"}
			}
			return Impact{Kind: MyDropPrimary, Effect: copied(), Because: "without a primary key the table is copied row by row"}
		}
		return Impact{Kind: MyMeta, Effect: p.meta()}
	case statement.ConvertCharset:
		return Impact{Kind: MyCharset, Effect: copied(), Because: "every string is converted in a copy of the table"}
	case statement.Rebuild:
		if a.Option == "engine" && a.NewName != "innodb" {
			return Impact{Kind: MyCopy, Effect: copied(), Because: "another engine is filled row by row"}
		}
		return Impact{Kind: MyOptimize, Effect: rebuilt(), Because: "the table is built anew"}
	case statement.TableOption:
		return p.mysqlOption()
	case statement.Partitioning:
		return p.mysqlPartitioning()
	case statement.Truncate:
		return Impact{Kind: MyTruncate, Effect: effect.Effect{Admits: effect.Nothing}}
	case statement.DropTable, statement.DropView:
		return Impact{Kind: DropTableKind, Effect: effect.Effect{Admits: effect.Nothing}}
	case statement.CreateTable:
		return Impact{Kind: CreateTableKind, Table: a.Table}
	case statement.CreateTableAs:
		return Impact{Kind: CreateTableAsKind, Table: a.Table}
	case statement.CreateTrigger, statement.DropTrigger:
		return Impact{Kind: CreateTriggerKind, Effect: effect.Effect{Admits: effect.Nothing}}
	case statement.LockTable:
		return Impact{Kind: LockKind, Effect: effect.Effect{Admits: effect.Nothing}}
	case statement.Insert, statement.Update, statement.Delete:
		im := p.write(t)
		im.Effect.Target = effect.NoLock
		if im.Effect.Work != 0 {
			var sure bool
			im.RowsLocked, sure = p.scanned(t)
			im.Unsure = im.Unsure || len(im.RowsLocked) > 0 && !sure
		}
		return im
	case statement.Opaque, statement.Unrecognised:
		return Impact{Kind: Unknown, Unsure: true}
	}
	return Impact{Kind: Nothing}
}

// promoted says whether a table has a unique index that takes the place of its primary key (MariaDB manual,
// "InnoDB Online DDL Operations with the INPLACE Alter Algorithm", ALTER TABLE ... DROP PRIMARY KEY).
func promoted(t *schema.Table) bool {
	return t != nil && slices.ContainsFunc(t.Indexes, func(ix *schema.Index) bool {
		return ix.Unique && !ix.Primary && !slices.ContainsFunc(ix.Columns, func(c schema.IndexColumn) bool {
			col := t.Column(c.Name)
			return col == nil || !col.NotNull
		})
	})
}

// readds says whether the same ALTER TABLE adds a primary key.
func (p *predictor) readds() bool {
	for i := range p.Statement {
		if k := p.Statement[i].Constraint; k != nil && k.Type == statement.PrimaryKey {
			return true
		}
	}
	return false
}

// mysqlDropColumn: an index over the column alone goes with it, which MariaDB does without building the table anew; one
// over other columns as well is built anew with the table. MySQL drops no column of an index as INSTANT (MySQL
// manual, "Online DDL Operations"; the rules of MariaDB were tried on 10.11).
func (p *predictor) mysqlDropColumn(t *schema.Table) Impact {
	maria := p.Server.Product == MariaDB
	whole, part := false, false
	if t != nil {
		for _, ix := range t.Indexes {
			in := slices.ContainsFunc(ix.Columns, func(c schema.IndexColumn) bool { return strings.EqualFold(c.Name, p.a.Name) })
			if !in || p.dropsIndex(ix.Name) {
				whole = whole || in
				continue
			}
			whole, part = whole || len(ix.Columns) == 1, part || len(ix.Columns) > 1
		}
	}
	can := maria && p.Server.AtLeast(10, 4, 0) || !maria && p.Server.AtLeast(8, 0, 29)
	switch {
	case part:
		return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "an index over this column and others is built anew, and the table with it"}
	case whole && can && maria:
		return Impact{Kind: MyMeta, Effect: online(effect.NoCopy, effect.ReadsWrites, 0), Because: "an index over the column is dropped with it, which is not INSTANT"}
	case whole:
		return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "an index over the column is dropped with it, so that the table is built anew"}
	case can:
		return Impact{Kind: MyInstant, Effect: instant()}
	}
	return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "the table is built anew without the column"}
}

// dropsIndex says whether the same ALTER TABLE drops an index.
func (p *predictor) dropsIndex(name string) bool {
	return slices.ContainsFunc(p.Statement, func(a statement.Action) bool {
		return a.Kind == statement.DropIndex && strings.EqualFold(a.Name, name)
	})
}

func (p *predictor) mysqlAddColumn() Impact {
	col := p.a.Column
	maria := p.Server.Product == MariaDB
	for _, k := range col.Constraints {
		if k.Type == statement.PrimaryKey {
			return Impact{Kind: MyRebuild, Effect: online(effect.Inplace, effect.Reads, effect.Rewrite), Because: "the table is built anew in the order of the new primary key"}
		}
	}
	switch {
	case len(col.Generated) > 0 && col.Stored:
		return Impact{Kind: MyStoredCol, Effect: copied(), Because: "the stored value of each row is computed in a copy of the table"}
	case len(col.Generated) > 0:
		return Impact{Kind: MyInstant, Effect: instant()}
	case col.Identity:
		return Impact{Kind: MyCopy, Effect: online(effect.Inplace, effect.Reads, effect.Rewrite), Because: "each row takes the next number while writes wait"}
	}
	can := maria && (p.Server.AtLeast(10, 4, 0) || !col.Placed && p.Server.AtLeast(10, 3, 2)) ||
		!maria && (p.Server.AtLeast(8, 0, 29) || !col.Placed && p.Server.AtLeast(8, 0, 12))
	if maria && can && p.computed(col) {
		return Impact{Kind: MyCopy, Effect: copied(), Because: "the default is computed for each row"}
	}
	if can {
		return Impact{Kind: MyInstant, Effect: instant()}
	}
	return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "this version builds the table anew for a column"}
}

// computed says whether MariaDB computes a default for each row: it asks another column, or calls a function
// that InnoDB does not take for one value. RAND() it does: all rows get the same number.
func (p *predictor) computed(col *statement.Column) bool {
	t := p.table(p.a.Table)
	for i := range col.Default {
		tok := &col.Default[i]
		if i+1 < len(col.Default) && col.Default[i+1].Op("(") {
			if tok.Is("uuid") || tok.Is("uuid_short") || tok.Is("sysdate") {
				return true
			}
			continue
		}
		if t != nil && tok.Kind == sqltoken.Word && t.Column(tok.Text) != nil {
			return true
		}
	}
	return false
}

func (p *predictor) mysqlModify(t *schema.Table) Impact {
	col := p.a.Column
	maria := p.Server.Product == MariaDB
	var old *schema.Column
	if t != nil {
		old = t.Column(p.a.Name)
	}
	if old == nil || old.Type.Raw == "" {
		return Impact{Kind: MyCopy, Effect: copied(), Unsure: true, Because: "the type of the column is not known; a change of type copies the table"}
	}
	if col.Charset != "" && !strings.Contains(strings.ToLower(old.Type.Raw), col.Charset) {
		return Impact{Kind: MyCharset, Effect: copied(), Unsure: true, Because: "another character set converts every value"}
	}
	from, to := &old.Type, &col.Type
	switch {
	case from.Name == "varchar" && to.Name == "varchar":
		return p.mysqlVarchar(old)
	case strings.HasPrefix(from.Name, "enum") || strings.HasPrefix(from.Name, "set"):
		if from.Name == to.Name && appends(from.Raw, to.Raw) {
			return Impact{Kind: MyInstant, Effect: instant()}
		}
		return Impact{Kind: MyEnum, Effect: copied(), Because: "members were removed, renamed or put in another order, so that every row is converted"}
	case !equalTypes(from, to):
		return Impact{Kind: MyCopy, Effect: copied(), Because: "another type is filled in row by row in a copy of the table, and writes wait"}
	}
	notNull := col.NotNull
	if notNull != old.NotNull {
		return Impact{Kind: MyNotNull, Effect: rebuilt(), Because: "the table is built anew for the other nullability"}
	}
	if col.Placed && !(maria && p.Server.AtLeast(10, 4, 0)) {
		return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "the table is built anew for the other order of columns"}
	}
	return Impact{Kind: MyInstant, Effect: instant()}
}

// equalTypes compares what is stored: a display width of integers is not.
func equalTypes(a, b *schema.Type) bool {
	if a.Name != b.Name || a.Unsigned != b.Unsigned || a.Size != b.Size {
		return false
	}
	switch a.Name {
	case "integer", "bigint", "smallint":
		return firstWord(a.Raw) == firstWord(b.Raw) || firstWord(a.Raw)+firstWord(b.Raw) == "intinteger" || firstWord(a.Raw)+firstWord(b.Raw) == "integerint"
	case "numeric", "timestamp", "time":
		return modifiers(*a) == modifiers(*b) && firstWord(a.Raw) == firstWord(b.Raw)
	case "double", "real":
		return single(a) == single(b)
	case "text", "binary":
		return firstWord(a.Raw) == firstWord(b.Raw)
	}
	return true
}

// single says whether MySQL keeps a number in four bytes: FLOAT, and FLOAT(p) up to p = 24.
func single(t *schema.Type) bool {
	m := modifiers(*t)
	return firstWord(t.Raw) == "float" && (m[0] <= 24 || m[1] >= 0)
}

func firstWord(raw string) string {
	raw = strings.ToLower(raw)
	if i := strings.IndexAny(raw, " ("); i >= 0 {
		raw = raw[:i]
	}
	return raw
}

// bytesPerCharacter is the worst case of utf8mb4, the default character set since MySQL 8.0.
const bytesPerCharacter = 4

// mysqlVarchar: the length of a value is stored in one byte up to 255 bytes and in two beyond, so that
// crossing that line changes every row (MySQL manual, "Extending VARCHAR column size").
func (p *predictor) mysqlVarchar(old *schema.Column) Impact {
	from, to := old.Type.Size, p.a.Column.Type.Size
	oldBytes, newBytes := from*bytesPerCharacter, to*bytesPerCharacter
	switch {
	case to < from:
		return Impact{Kind: MyCopy, Effect: copied(), Because: "a shorter limit is checked row by row in a copy of the table"}
	case oldBytes <= 255 && newBytes > 255:
		if p.Server.Product == MariaDB && oldBytes <= 127 && p.Server.AtLeast(10, 4, 3) {
			return Impact{Kind: MyInstant, Effect: instant()}
		}
		return Impact{Kind: MyVarcharCopy, Effect: copied(), Because: "the limit crosses 255 bytes (4 for each character of utf8mb4), where the length takes two bytes instead of one"}
	case p.a.Column.NotNull != old.NotNull:
		return Impact{Kind: MyNotNull, Effect: rebuilt(), Because: "the table is built anew for the other nullability"}
	}
	return Impact{Kind: MyInstant, Effect: instant()}
}

// appends says whether an ENUM or SET has the members of another and more behind them.
func appends(old, renewed string) bool {
	list := func(s string) string {
		s = strings.ReplaceAll(s[strings.IndexByte(s, '(')+1:], " ", "")
		return strings.TrimSuffix(s, ")")
	}
	return strings.Contains(old, "(") && strings.HasPrefix(list(renewed), list(old))
}

func (p *predictor) mysqlConstraint(t *schema.Table) Impact {
	switch k := p.a.Constraint; k.Type {
	case statement.ForeignKey:
		if p.NoForeignKeyChecks {
			return Impact{Kind: MyMeta, Effect: online(effect.Inplace, effect.ReadsWrites, 0), Because: "foreign_key_checks is off, so that no row is checked"}
		}
		return Impact{Kind: MyForeignKey, Effect: copied(), Because: "with foreign_key_checks on the rows are checked in a copy of the table"}
	case statement.PrimaryKey:
		if t != nil && len(t.PrimaryKey) > 0 && !p.drops() {
			return Impact{Kind: MyMeta, Effect: p.meta()}
		}
		return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "the table is built anew in the order of the new primary key"}
	case statement.Check:
		return Impact{Kind: MyCopy, Effect: copied(), Because: "the CHECK is verified row by row in a copy of the table"}
	}
	return Impact{Kind: MyIndex, Effect: online(effect.NoCopy, effect.ReadsWrites, effect.IndexBuild), Because: "the unique index is built in place"}
}

func (p *predictor) drops() bool {
	for i := range p.Statement {
		if p.Statement[i].Kind == statement.DropConstraint && p.Statement[i].Option == "primary key" {
			return true
		}
	}
	return false
}

func (p *predictor) mysqlOption() Impact {
	switch p.a.Option {
	case "row_format", "key_block_size", "page_compressed", "page_compression_level", "encrypted":
		return Impact{Kind: MyRebuild, Effect: rebuilt(), Because: "the table is built anew in the other form"}
	case "encryption", "compression", "order by", "system versioning":
		return Impact{Kind: MyCopy, Effect: copied(), Because: "the table is copied"}
	}
	return Impact{Kind: MyMeta, Effect: p.meta()}
}

func (p *predictor) mysqlPartitioning() Impact {
	switch p.a.Option {
	case "by", "remove", "reorganize", "coalesce", "rebuild", "optimize", "convert":
		return Impact{Kind: MyPartition, Effect: copied(), Because: "every row moves into its new partition while writes wait"}
	case "drop", "truncate":
		return Impact{Kind: MyTruncate, Effect: effect.Effect{Admits: effect.Nothing}}
	case "exchange":
		return Impact{Kind: MyPartition, Effect: online(effect.NoAlgorithm, effect.Reads, effect.Scan), Because: "each row of the table is checked to belong into the partition, while writes wait"}
	}
	return Impact{Kind: MyMeta, Effect: p.meta()}
}
