package predict

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// addColumn predicts ADD COLUMN. A default that is the same for every row is stored once since
// PostgreSQL 11 (manual, ALTER TABLE, Notes); what is computed for each row rewrites the table.
func (p *predictor) addColumn(t *schema.Table) Impact {
	col := p.a.Column
	if p.a.IfNotExists && known(t) && t.Column(col.Name) != nil {
		return Impact{Kind: AddColumnPlain, Effect: catalog(ax), Because: "the column is there already"}
	}
	im := p.addColumnBody(t)
	for _, k := range col.Constraints {
		switch k.Type {
		case statement.ForeignKey:
			p.parent(&im, k.RefTable, srx)
			if len(col.Default) > 0 && !isNull(col.Default) {
				if im.Effect.Work == 0 {
					im.Kind, im.Because = AddColumnFKDefault, "every row is looked up in the referenced table"
				}
				im.Effect.Work |= effect.Scan
			} else if im.Effect.Work == 0 {
				im.Kind = AddColumnFK
			}
		case statement.Unique, statement.PrimaryKey:
			if im.Effect.Work&effect.Rewrite == 0 {
				im.Kind, im.Because = AddColumnUnique, "its index is built over all rows"
			}
			im.Effect.Work |= effect.IndexBuild
		case statement.Check:
			if !k.NotValid && im.Effect.Work&effect.Rewrite == 0 {
				if im.Effect.Work == 0 {
					im.Kind, im.Because = AddColumnCheck, "every row is read to verify the CHECK"
				}
				im.Effect.Work |= effect.Scan
			}
		}
	}
	if parts := p.partitions(t); len(parts) > 0 {
		im.Others, im.Effect.Other = parts, ax
	}
	return im
}

// addColumnBody predicts a new column without its constraints.
func (p *predictor) addColumnBody(t *schema.Table) Impact {
	col := p.a.Column
	domain, constrained := p.domain(col.Type)
	switch {
	case col.Serial:
		return Impact{Kind: AddColumnSerial, Effect: p.rewrite(t), Because: "each row takes the next value of a sequence"}
	case col.Identity:
		return Impact{Kind: AddColumnSerial, Effect: p.rewrite(t), Because: "each row takes the next value of the identity's sequence"}
	case len(col.Generated) > 0:
		if col.Virtual || !col.Stored && p.Server.Major >= 18 {
			return Impact{Kind: AddColumnVirtual, Effect: catalog(ax)}
		}
		return Impact{Kind: AddColumnStored, Effect: p.rewrite(t), Because: "the stored value of each row is computed and written"}
	case domain && constrained:
		return Impact{Kind: AddColumnDomain, Effect: p.rewrite(t), Because: "the type is a domain with a constraint, which is checked by writing every row"}
	case len(col.Default) > 0 && !isNull(col.Default):
		fn, unsure := p.volatile(col.Default)
		switch {
		case fn != "":
			because := "the default calls " + fn + "(), which is computed for each row"
			if unsure {
				because = "the default calls " + fn + "(), which is volatile unless it was declared otherwise"
			}
			return Impact{Kind: AddColumnVolatile, Effect: p.rewrite(t), Because: because, Unsure: unsure}
		case p.Server.Major < 11:
			return Impact{Kind: AddColumnVolatile, Effect: p.rewrite(t), Because: "PostgreSQL before 11 writes the default into every row"}
		}
		return Impact{Kind: AddColumnDefault, Effect: catalog(ax)}
	case col.NotNull:
		return Impact{Kind: AddColumnNotNull, Effect: with(ax, effect.Scan), Because: "every row is read to look for NULL, and each has it"}
	}
	return Impact{Kind: AddColumnPlain, Effect: catalog(ax)}
}

func (p *predictor) domain(t schema.Type) (domain, constrained bool) {
	if p.Domain == nil || t.Array {
		return false, false
	}
	_, constrained, domain = p.Domain(t.Name)
	return domain, constrained
}

func (p *predictor) virtualColumn(t *schema.Table, name string) bool {
	if t == nil || p.Server.Major < 18 {
		return false
	}
	c := t.Column(name)
	return c != nil && c.Generated != "" && !c.Stored
}

// conversion is what a change of a column's type asks of the table.
type conversion uint8

const (
	free    conversion = iota // the values stay as they are, and so do indexes
	reindex                   // the values stay, indexes on the column are built anew
	rewrite                   // every row is written
)

// alterType predicts ALTER COLUMN TYPE. Whether the rows are written anew follows from
// ATColumnChangeRequiresRewrite: a change that only relabels the type, or widens its modifier, does not.
func (p *predictor) alterType(t *schema.Table) Impact {
	a := p.a
	var old *schema.Column
	if t != nil {
		old = t.Column(a.Name)
	}
	if old == nil || old.Type.Raw == "" {
		return Impact{Kind: TypeRewrite, Effect: p.rewrite(t), Unsure: true, Because: "the type of the column is not known; most changes write every row"}
	}
	how, because := p.convert(old.Type, a.Column.Type)
	if len(a.Column.Using) > 0 && !plainUsing(a.Column.Using, a.Name, a.Column.Type) {
		how, because = rewrite, "USING computes every value anew"
	}
	if old.Generated != "" {
		how, because = rewrite, "the column is generated"
	}
	im := Impact{Because: because}
	onColumn := p.indexesOn(t, a.Name)
	switch how {
	case rewrite:
		im.Kind, im.Effect = TypeRewrite, p.rewrite(t)
	case reindex:
		im.Kind, im.Effect = TypeReindex, catalog(ax)
		if onColumn {
			im.Effect.Work = effect.IndexBuild
		} else {
			im.Kind = TypeFree
		}
	default:
		im.Kind, im.Effect = TypeFree, catalog(ax)
		if p.derived(t, a.Name) && old.Type.Raw != a.Column.Type.Raw {
			im.Kind, im.Effect.Work, im.Because = TypeReindex, effect.IndexBuild, "an index on an expression of the column is built anew"
		}
		if a.Column.Collate != "" && onColumn {
			im.Kind, im.Effect.Work, im.Because = TypeReindex, effect.IndexBuild, "another collation is another order, so that indexes on the column are built anew"
		}
	}
	if how != rewrite && p.checked(t, a.Name) {
		if im.Effect.Work == 0 {
			im.Kind, im.Because = TypeCheck, "a CHECK on the column is verified again"
		}
		im.Effect.Work |= effect.Scan
	}
	p.typeKeys(&im, t, a.Name, how)
	return im
}

// typeKeys adds the foreign keys that the column is part of: they are dropped and made anew, which locks
// the other table, and are checked again when the values change.
func (p *predictor) typeKeys(im *Impact, t *schema.Table, column string, how conversion) {
	for _, fk := range t.ForeignKeys {
		if fk.Enforced && contains(fk.Columns, column) {
			p.parent(im, fk.RefTable, ax)
			if how == rewrite && !fk.NotValid {
				im.Effect.Work |= effect.Scan
			}
		}
	}
	for _, name := range p.referring(t) {
		for _, fk := range p.Schema.Table(name).ForeignKeys {
			refs := fk.RefColumns
			if len(refs) == 0 {
				refs = t.PrimaryKey
			}
			if p.Schema.Table(fk.RefTable) == t && contains(refs, column) {
				im.Others, im.Effect.Other = append(im.Others, name), ax
				if how == rewrite && !fk.NotValid {
					im.Effect.Work |= effect.Scan
				}
			}
		}
	}
}

func (p *predictor) checked(t *schema.Table, column string) bool {
	for _, check := range t.Checks {
		if !check.NotValid && mentions(check.Expr, column) {
			return true
		}
	}
	return false
}

func (p *predictor) indexesOn(t *schema.Table, column string) bool {
	for _, ix := range t.Indexes {
		if mentions(ix.Where, column) {
			return true
		}
		for _, key := range ix.Columns {
			if key.Name != "" && same(key.Name, column) || mentions(key.Expr, column) {
				return true
			}
		}
	}
	return false
}

// derived says whether an index computes something of the column, or has a predicate on it.
func (p *predictor) derived(t *schema.Table, column string) bool {
	for _, ix := range t.Indexes {
		if mentions(ix.Where, column) {
			return true
		}
		for _, key := range ix.Columns {
			if mentions(key.Expr, column) {
				return true
			}
		}
	}
	return false
}

// mentions says whether an identifier stands in an expression.
func mentions(expr, name string) bool {
	lower, name := strings.ToLower(expr), strings.ToLower(name)
	for from := 0; ; {
		i := strings.Index(lower[from:], name)
		if i < 0 || name == "" {
			return false
		}
		i += from
		before, after := byte(' '), byte(' ')
		if i > 0 {
			before = lower[i-1]
		}
		if i+len(name) < len(lower) {
			after = lower[i+len(name)]
		}
		if !identifierByte(before) && !identifierByte(after) {
			return true
		}
		from = i + len(name)
	}
}

func identifierByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80
}

// plainUsing recognises USING c and USING c::type, which say what the server would do anyway.
func plainUsing(using []sqltoken.Token, column string, to schema.Type) bool {
	for len(using) > 2 && using[0].Op("(") && using[len(using)-1].Op(")") {
		using = using[1 : len(using)-1]
	}
	if len(using) == 0 || !same(using[0].Value(), column) {
		return false
	}
	if len(using) == 1 {
		return true
	}
	return using[1].Op("::") && sameType(schema.ParseType(statement.Text(using[2:])), to)
}

func sameType(a, b schema.Type) bool {
	return a.Name == b.Name && a.Array == b.Array && modifiers(a) == modifiers(b)
}

var modifierForm = regexp.MustCompile(`\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\)`)

// modifiers are the numbers in parentheses behind a type; -1 when there is none.
func modifiers(t schema.Type) [2]int {
	m := modifierForm.FindStringSubmatch(t.Raw)
	out := [2]int{-1, -1}
	if m != nil {
		out[0], _ = strconv.Atoi(m[1])
		if m[2] != "" {
			out[1], _ = strconv.Atoi(m[2])
		}
	}
	return out
}

// convert says what a change from one type to another asks for.
func (p *predictor) convert(from, to schema.Type) (conversion, string) {
	writes := "the values are stored otherwise as " + to.Raw + ", so that every row is written"
	if from.Array != to.Array {
		return rewrite, writes
	}
	if p.Domain != nil && !from.Array && from.Name != to.Name {
		if base, _, ok := p.Domain(from.Name); ok {
			from = base
			if modifiers(to)[0] >= 0 { // the server does not look for the limit behind the domain
				return rewrite, "the limit is checked by writing every row"
			}
		}
	}
	a, b := modifiers(from), modifiers(to)
	if from.Array {
		if from.Name == to.Name && a == b {
			return free, "it is the same type"
		}
		return rewrite, writes
	}
	if domain, constrained := p.domain(to); domain {
		if constrained {
			return rewrite, "the domain has a constraint, which is checked by writing every row"
		}
		return free, "the domain has no constraint"
	}
	wider := b[0] < 0 || a[0] >= 0 && b[0] >= a[0]
	switch from.Name + ">" + to.Name {
	case "varchar>varchar", "binary>binary":
		if wider {
			return free, "a longer limit needs no look at the rows"
		}
		return rewrite, "a shorter limit cuts or checks every value"
	case "varchar>text", "text>text", "xml>text":
		return free, "the values are stored alike"
	case "text>varchar":
		if b[0] < 0 {
			return free, "the values are stored alike"
		}
		return rewrite, "the limit is checked by writing every row"
	case "numeric>numeric":
		scale := func(m [2]int) int { return max(0, m[1]) }
		if b[0] < 0 || a[0] >= 0 && b[0] >= a[0] && scale(a) == scale(b) {
			return free, "more digits before the point need no look at the rows"
		}
		return rewrite, "another scale rounds every value"
	case "timestamp>timestamp", "timestamptz>timestamptz", "time>time", "timetz>timetz", "interval>interval":
		if b[0] < 0 || b[0] >= 6 || a[0] >= 0 && b[0] >= a[0] {
			if from.Name == "interval" && from.Raw != to.Raw && b[0] < 0 && strings.Contains(strings.TrimPrefix(strings.ToLower(to.Raw), "interval"), " ") {
				return rewrite, writes
			}
			return free, "more digits of a second need no look at the rows"
		}
		return rewrite, "fewer digits of a second round every value"
	case "timestamp>timestamptz", "timestamptz>timestamp":
		if p.Server.Major >= 12 && utc(p.TimeZone) {
			if b[0] >= 0 && b[0] < 6 && (a[0] < 0 || b[0] < a[0]) {
				return rewrite, "fewer digits of a second round every value"
			}
			return reindex, "with the session's time zone at UTC the stored values stay as they are; indexes on the column are built anew"
		}
		if p.TimeZone == "" {
			return rewrite, "every value is moved by the time zone, unless the session's time zone is UTC (SET timezone = 'UTC' before it avoids the rewrite from PostgreSQL 12 on)"
		}
		return rewrite, "every value is moved by the time zone " + p.TimeZone
	case "bit>bit":
		varying := func(t schema.Type) bool { return strings.Contains(strings.ToLower(t.Raw), "var") }
		if varying(from) && varying(to) && wider {
			return free, "a longer limit needs no look at the rows"
		}
		return rewrite, writes
	case "cidr>inet":
		return free, "the values are stored alike"
	case "text>citext", "varchar>citext", "citext>text", "citext>varchar":
		if to.Name == "varchar" && b[0] >= 0 {
			return rewrite, "the limit is checked by writing every row"
		}
		return reindex, "the values are stored alike; indexes on the column are built anew for the other order"
	case "integer>oid", "oid>integer":
		return reindex, "the values are stored alike; indexes on the column are built anew"
	}
	if from.Name == to.Name && from.Name != "char" && a == b {
		return free, "it is the same type"
	}
	if from.Name == "char" && to.Name == "char" && max(1, a[0]) == max(1, b[0]) {
		return free, "it is the same type"
	}
	return rewrite, writes
}

func utc(zone string) bool {
	switch strings.ToLower(zone) {
	case "utc", "gmt", "etc/utc", "zulu", "uct", "etc/uct", "etc/gmt", "universal", "etc/universal", "etc/zulu", "greenwich", "+00", "+00:00", "0", "utc0", "gmt0":
		return true
	}
	return false
}
