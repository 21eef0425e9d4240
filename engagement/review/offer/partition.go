package offer

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// bound reads the bound behind ATTACH PARTITION name.
func bound(toks []split.Token) (rewrite.Bound, bool) {
	var b rewrite.Bound
	for i := 0; i < len(toks); i++ {
		t := &toks[i]
		switch {
		case t.Is("DEFAULT") && i == len(toks)-1:
			return b, true
		case t.Is("FROM") && len(b.From) == 0:
			b.From, i = list(toks, i+1)
		case t.Is("TO") && len(b.From) > 0:
			b.To, _ = list(toks, i+1)
			return b, len(b.To) == len(b.From)
		case t.Is("IN"):
			b.In, _ = list(toks, i+1)
			return b, len(b.In) > 0
		case t.Is("MODULUS") && i+1 < len(toks):
			b.Modulus, _ = strconv.Atoi(toks[i+1].Text)
		case t.Is("REMAINDER") && i+1 < len(toks):
			b.Remainder, _ = strconv.Atoi(toks[i+1].Text)
			return b, b.Modulus > 0
		}
	}
	return rewrite.Bound{}, false
}

// list reads values in parentheses from i on, and returns the index of the closing one.
func list(toks []split.Token, i int) ([]string, int) {
	if i >= len(toks) || !toks[i].Op("(") {
		return nil, i
	}
	var out []string
	depth, start := 0, i+1
	for ; i < len(toks); i++ {
		switch {
		case toks[i].Op("("):
			depth++
		case toks[i].Op(")"):
			depth--
			if depth == 0 {
				return append(out, statement.Text(toks[start:i])), i
			}
		case toks[i].Op(",") && depth == 1:
			out = append(out, statement.Text(toks[start:i]))
			start = i + 1
		}
	}
	return nil, i
}

// enum reads ALTER TYPE ... ADD VALUE and RENAME VALUE.
func (x *mapping) enum(a *statement.Action) ([]rewrite.Change, error) {
	var values []string
	before, after := false, false
	for i := range a.Tokens {
		t := &a.Tokens[i]
		before, after = before || t.Is("BEFORE"), after || t.Is("AFTER")
		if t.Kind == split.String {
			values = append(values, t.Value())
		}
	}
	name := x.name(a.Name)
	switch {
	case a.Option == "rename value" && len(values) == 2:
		return one(rewrite.RenameEnumValue{Type: name, From: values[0], To: values[1]})
	case a.Option == "add value" && len(values) == 1 && !after:
		return one(rewrite.AddEnumValue{Type: name, Value: values[0]})
	case a.Option == "add value" && len(values) == 2 && before:
		return one(rewrite.AddEnumValue{Type: name, Value: values[0], Before: values[1]})
	}
	return nil, refuse("There is no recipe for this change of the type %s.", a.Name)
}

// backfill maps an UPDATE of many rows. The recipe needs a condition that is false for a row that has been changed: that
// the column is NULL, where the statement says so, or else that it differs from what it is set to, where that is made of
// constants and of columns that stay as they are.
func (x *mapping) backfill(table rewrite.Name, a *statement.Action, im *predict.Impact) ([]rewrite.Change, error) {
	w := a.Write
	switch {
	case im.Kind != predict.UpdateAll:
		return nil, refuse("There is no recipe for this kind of statement (%s).", a.Kind)
	case w.From || w.With || w.Limited || w.Query:
		return nil, refuse("The UPDATE joins other tables, or has a LIMIT or a WITH; the recipe for changing rows in batches does not carry that. Write it as SET column = (SELECT ...) WHERE column IS NULL.")
	case w.Alias:
		return nil, refuse("The UPDATE gives the table another name; the recipe does not carry that. Use the name of the table.")
	case len(w.Sets) == 0:
		return nil, refuse("What the UPDATE sets was not understood.")
	}
	for _, part := range [][]split.Token{w.Assign, w.Where} {
		if why := x.rereads(a.Table, part); why != "" {
			return nil, refuse("%s", why)
		}
	}
	set, where := statement.Text(w.Assign), statement.Text(w.Where)
	if column, value, ok := x.single(w); ok && isNullOf(w.Where, column) {
		if !constant(value) {
			where = "(" + where + ") AND (" + statement.Text(value) + ") IS NOT NULL"
		}
		return one(rewrite.BackfillColumn{Table: table, Set: set, Where: where})
	}
	column, value, ok := x.single(w)
	if !ok || !steady(value, w.Sets) {
		return nil, refuse("Nothing tells which rows of %s have been changed already, so that work that was cut off would change rows twice. Add a condition that is false for a changed row (WHERE column IS NULL, WHERE column <> new value).", a.Table)
	}
	differs := statement.Text(column) + " IS DISTINCT FROM (" + statement.Text(value) + ")"
	if !x.postgres() {
		differs = "NOT (" + statement.Text(column) + " <=> (" + statement.Text(value) + "))"
	}
	if where != "" {
		differs = "(" + where + ") AND " + differs
	}
	return one(rewrite.BackfillColumn{Table: table, Set: set, Where: differs})
}

// rereads returns why a part of an UPDATE may come out differently from one batch to the next, or nothing: because it reads
// the table that is changed, or what is not known to be another, or because it calls for chance.
func (x *mapping) rereads(target string, part []split.Token) string {
	query := false
	for i := range part {
		query = query || part[i].Is("SELECT") || part[i].Is("TABLE")
		if i+1 < len(part) && part[i+1].Op("(") {
			switch strings.ToLower(part[i].Value()) {
			case "random", "random_normal", "setseed", "nextval", "clock_timestamp", "timeofday", "gen_random_uuid", "uuid_generate_v4", "uuid", "rand":
				return "The UPDATE calls " + strings.ToLower(part[i].Value()) + "(), which answers each batch and each try differently; the recipe does not carry that."
			}
		}
	}
	if !query {
		return ""
	}
	names := cut(target)
	own := strings.ToLower(schema.Unquote(names[len(names)-1]))
	for i := range part {
		t := &part[i]
		if t.Kind != split.Word && t.Kind != split.Quoted {
			continue
		}
		if qualifies := i+1 < len(part) && part[i+1].Op("."); strings.EqualFold(t.Value(), own) && !qualifies {
			return "A query in the UPDATE reads " + target + ", which the batches change as they go: each would decide by what the ones before it have left. Store what it finds in a table first, and read that."
		}
		if !(t.Is("FROM") || t.Is("JOIN")) || i+1 >= len(part) || part[i+1].Op("(") || part[i+1].Is("LATERAL") {
			continue
		}
		end := i + 2
		for end+1 < len(part) && part[end].Op(".") {
			end += 2
		}
		written := statement.Text(part[i+1 : end])
		if read := x.World.Table(written); read == nil || read.View {
			return "A query in the UPDATE reads " + written + ", which is not known to be a table of its own: it may read the rows that the batches change. Store what it finds in a table first, and read that."
		}
	}
	for i := range part {
		if read := x.World.Table(part[i].Value()); read != nil && read.View && (part[i].Kind == split.Word || part[i].Kind == split.Quoted) {
			return "A query in the UPDATE reads the view " + part[i].Value() + ", which may read the rows that the batches change. Store what it finds in a table first, and read that."
		}
	}
	return ""
}

// single is the one column that an UPDATE sets, and its value.
func (x *mapping) single(w *statement.Write) (column, value []split.Token, ok bool) {
	if len(w.Sets) != 1 {
		return nil, nil, false
	}
	for i := range w.Assign {
		if w.Assign[i].Op("=") {
			return w.Assign[:i], w.Assign[i+1:], i == 1 && i+1 < len(w.Assign)
		}
	}
	return nil, nil, false
}

// isNullOf returns whether a condition, or one of those that it joins by AND, is "column IS NULL".
func isNullOf(where, column []split.Token) bool {
	if len(column) != 1 {
		return false
	}
	depth, found := 0, false
	for i := range where {
		switch {
		case where[i].Op("("):
			depth++
		case where[i].Op(")"):
			depth--
		case depth == 0 && where[i].Is("OR"):
			return false
		}
		ends := i+3 == len(where) || i+3 < len(where) && where[i+3].Is("AND")
		begins := i == 0 || where[i-1].Is("AND")
		if depth == 0 && begins && ends && i+2 < len(where) && where[i].Value() == column[0].Value() && where[i+1].Is("IS") && where[i+2].Is("NULL") {
			found = true
		}
	}
	return found
}

// constant returns whether a value is a constant that is not NULL.
func constant(value []split.Token) bool {
	return len(value) == 1 && (value[0].Kind == split.String || value[0].Kind == split.Number || value[0].Is("TRUE") || value[0].Is("FALSE"))
}

// steady returns whether a value is one constant, or one column that is not set: what it gives
// once it gives again, and a comparison with it comes out equal.
func steady(value []split.Token, sets []string) bool {
	if len(value) != 1 {
		return false
	}
	if constant(value) || value[0].Is("NULL") {
		return true
	}
	if value[0].Kind != split.Word && value[0].Kind != split.Quoted {
		return false
	}
	for _, s := range sets {
		if s == value[0].Value() {
			return false
		}
	}
	return !value[0].Is("DEFAULT") && !value[0].Is("CURRENT_TIMESTAMP") && !value[0].Is("CURRENT_DATE") && !value[0].Is("CURRENT_TIME") &&
		!value[0].Is("LOCALTIMESTAMP") && !value[0].Is("LOCALTIME") && !value[0].Is("CURRENT_USER") && !value[0].Is("SESSION_USER") && !value[0].Is("USER")
}
