package sqlgen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// Script is a model as SQL.
type Script struct {
	Dialect Dialect
	// Statements are without their semicolons; each starts with a comment where it begins a part.
	Statements []string
	// Views are those of the outputs of the model, in their order: labels, then a column for each figure. They are sorted
	// by n, their first column, in the order of the model's own tables.
	Views []string
	// Notes are sentences about what the SQL does otherwise than the engine.
	Notes []string
}

// WriteTo writes the script as a text.
func (s *Script) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for _, statement := range s.Statements {
		n, err := io.WriteString(w, statement+";\n")
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Options of a script.
type Options struct {
	Dialect Dialect
	// Folder is where the files lie that the model names, as the database sees it; "" is its working folder.
	Folder string
}

// bounds of a script.
const (
	mostStatements = 20_000
	mostSpans      = 500_000
	mostBoxes      = 400
)

type generator struct {
	m *model.Model
	Options
	out     Script
	tables  map[model.VarID]string
	hashed  map[model.DimID]bool
	grains  map[calendar.Grain]bool
	dated   map[calendar.Grain]bool // there is a table of dates
	mapped  map[model.MapID]bool
	spans   int
	spanned map[string]string
	waiting []string // statements that stand before the one that is being written
	unique  int
	current *model.Var
}

// refused is an error with its place, on its way out of the expressions.
type refused struct{ err error }

// Generate writes a model as SQL. The error of what SQL cannot say is a [lang.Error] with its place.
func Generate(ctx context.Context, m *model.Model, o Options) (script *Script, err error) {
	if !slices.Contains(Dialects, string(o.Dialect)) {
		return nil, fmt.Errorf("there is no SQL for %q; there is %s", o.Dialect, strings.Join(Dialects, " and "))
	}
	g := &generator{m: m, Options: o, tables: map[model.VarID]string{}, hashed: map[model.DimID]bool{}, grains: map[calendar.Grain]bool{}, dated: map[calendar.Grain]bool{}, mapped: map[model.MapID]bool{}, spanned: map[string]string{}}
	g.out.Dialect = o.Dialect
	defer func() {
		if r := recover(); r != nil {
			x, ok := r.(refused)
			if !ok {
				panic(r)
			}
			script, err = nil, x.err
		}
	}()
	if len(m.Outputs) == 0 {
		return nil, errors.New("the model shows nothing; add a show statement")
	}
	needed := needs(m)
	g.survey(needed)
	g.out.Statements = append(g.out.Statements, g.Dialect.prologue()...)
	g.dimensions()
	g.times()
	taken := map[string]bool{}
	for _, step := range m.Steps {
		for _, id := range step.Vars {
			if needed[id] {
				g.tables[id] = g.table(m.Vars[id], taken)
			}
		}
	}
	for _, step := range m.Steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		vars := slices.DeleteFunc(slices.Clone(step.Vars), func(id model.VarID) bool { return !needed[id] })
		if len(vars) > 0 {
			g.step(step.Direction, vars)
		}
	}
	g.views()
	return &g.out, nil
}

// needs finds what the outputs rest on.
func needs(m *model.Model) map[model.VarID]bool {
	out := map[model.VarID]bool{}
	var visit func(id model.VarID)
	visit = func(id model.VarID) {
		if out[id] {
			return
		}
		out[id] = true
		for _, r := range m.Vars[id].Reads {
			visit(r)
		}
	}
	for _, o := range m.Outputs {
		for _, c := range o.Columns {
			visit(c.View)
		}
	}
	return out
}

// refuse ends the generation with an error at the place of the variable that is written.
func (g *generator) refuse(hint, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	v := g.current
	if v == nil || v.Place.End == 0 {
		if v != nil {
			message = v.Name + ": " + message
		}
		if hint != "" {
			message += "; " + hint
		}
		panic(refused{errors.New(message)})
	}
	panic(refused{g.m.Source.ErrorAt(v.Place, message, hint)})
}

// survey refuses what SQL has not, and finds which dimensions are hashed, mapped and which grains there are.
func (g *generator) survey(needed map[model.VarID]bool) {
	for _, v := range g.m.Vars {
		if !needed[v.ID] {
			continue
		}
		g.current = v
		if v.Grain != calendar.None {
			g.grains[v.Grain] = true
		}
		model.Walk(v.Expr, func(e model.Expr) {
			switch e := e.(type) {
			case *model.Random:
				g.refuse(fmt.Sprintf("give it a value, as in --set '%s = 1'", v.Name), "%s is drawn from a distribution, and SQL draws no samples", v.Name)
			case *model.Hash:
				for _, d := range e.Dims {
					g.hashed[d] = true
				}
			case *model.Fold:
				if e.Time {
					g.grains[e.Grain] = true
				}
			case *model.VarRef:
				for _, d := range e.Dims {
					if d.Kind == model.Group || d.Kind == model.Lookup {
						g.mapped[d.Map] = true
					}
				}
			}
		})
	}
	g.current = nil
	for _, o := range g.m.Outputs {
		if o.Grain != calendar.None {
			g.grains[o.Grain] = true
		}
	}
}

// add appends a statement.
func (g *generator) add(comment, statement string) {
	if len(g.out.Statements) > mostStatements {
		g.refuse("cut the time axis, or show less of it", "this takes more than %d statements, one for each period of a recurrence", mostStatements)
	}
	if comment != "" {
		statement = "-- " + strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, comment) + "\n" + statement
	}
	g.out.Statements = append(g.out.Statements, statement)
}

// table names the table of a variable: as the variable where that is free.
func (g *generator) table(v *model.Var, taken map[string]bool) string {
	s := v.Name
	for _, r := range s {
		if r == '[' || r == ' ' || r == '"' {
			s = fmt.Sprintf("%s_%d", s[:strings.IndexRune(s, r)], v.ID)
			break
		}
	}
	if taken[strings.ToLower(s)] || strings.HasPrefix(s, "show_") {
		s = fmt.Sprintf("%s_%d", s, v.ID)
	}
	taken[strings.ToLower(s)] = true
	return name(s)
}

func (g *generator) dimTable(d model.DimID) string         { return name("dim_" + g.m.Dims[d].Name) }
func (g *generator) timeTable(grain calendar.Grain) string { return name("time_" + grain.String()) }
func (g *generator) mapTable(id model.MapID) string {
	m := g.m.Maps[id]
	return name("map_" + g.m.Dims[m.From].Name + "_" + g.m.Dims[m.To].Name)
}

// item is the column of the item of a dimension.
func item(d model.DimID) string { return "i" + strconv.Itoa(int(d)) }

// values writes rows in statements of a thousand.
func (g *generator) values(table string, n int, row func(i int) string) {
	for from := 0; from < n; from += 1000 {
		var rows []string
		for i := from; i < min(n, from+1000); i++ {
			rows = append(rows, row(i))
		}
		g.add("", "INSERT INTO "+table+" VALUES\n"+strings.Join(rows, ",\n"))
	}
}

// dimensions writes the tables of items and mappings.
func (g *generator) dimensions() {
	d := g.Dialect
	for _, dim := range g.m.Dims {
		table := g.dimTable(dim.ID)
		names := table
		if g.hashed[dim.ID] {
			names = name("items_" + dim.Name)
		}
		if prefix, first, ok := ranged(dim); ok {
			label := d.quoted(prefix) + " || CAST(i + " + strconv.Itoa(first) + " AS " + d.text() + ")"
			if d == ClickHouse {
				label = "concat(" + d.quoted(prefix) + ", toString(i + " + strconv.Itoa(first) + "))"
			}
			g.add("dimension "+dim.Name, d.create(names)+" SELECT i, "+label+" AS name FROM "+d.numbers(dim.Len())+" AS n")
		} else {
			g.add("dimension "+dim.Name, d.empty(names, []string{"i", "name"}, []string{d.int(), d.text()}))
			g.values(names, dim.Len(), func(i int) string { return fmt.Sprintf("(%d, %s)", i, d.quoted(dim.Items.Name(int32(i)))) })
		}
		if g.hashed[dim.ID] {
			// k is the part of a hash that depends on the item alone.
			place := d.add(d.multiply("i", golden), model.NameKey(dim.Name))
			g.add("", d.create(table)+" SELECT i, name, "+d.xor("z2", d.shift("z2", 31))+" AS k FROM "+mixed(d, "(SELECT i, name, "+place+" AS z0 FROM "+names+")", "z0", "z1", "z2")+" AS n")
		}
	}
	for _, mp := range g.m.Maps {
		if !g.mapped[mp.ID] {
			continue
		}
		table := g.mapTable(mp.ID)
		g.add(fmt.Sprintf("map %s -> %s; items that belong to none have no row", g.m.Dims[mp.From].Name, g.m.Dims[mp.To].Name), d.empty(table, []string{"f", "t"}, []string{d.int(), d.int()}))
		var rows []string
		for i, to := range mp.Target {
			if to >= 0 {
				rows = append(rows, fmt.Sprintf("(%d, %d)", i, to))
			}
		}
		g.values(table, len(rows), func(i int) string { return rows[i] })
	}
}

// ranged finds out whether the items of a dimension are a prefix and rising numbers.
func ranged(dim *model.Dim) (prefix string, first int, ok bool) {
	if dim.Len() < 8 {
		return "", 0, false
	}
	name := dim.Items.Name(0)
	cut := len(name)
	for cut > 0 && name[cut-1] >= '0' && name[cut-1] <= '9' {
		cut--
	}
	first, err := strconv.Atoi(name[cut:])
	if err != nil {
		return "", 0, false
	}
	for i := range dim.Len() {
		if dim.Items.Name(int32(i)) != name[:cut]+strconv.Itoa(first+i) {
			return "", 0, false
		}
	}
	return name[:cut], first, first+dim.Len() < math.MaxInt32
}

// times writes a table of periods for each grain: the number, its name, the parts that the language asks of it, and the part of
// a hash that depends on the period alone.
func (g *generator) times() {
	d := g.Dialect
	for grain := calendar.Day; grain <= calendar.Year; grain++ {
		if !g.grains[grain] {
			continue
		}
		columns, types := []string{"p", "label", "k"}, []string{d.int(), d.text(), d.word()}
		for part := range model.Parts {
			columns, types = append(columns, partColumn(model.Part(part))), append(types, d.float())
		}
		table := g.timeTable(grain)
		g.add("periods: "+grain.String(), d.empty(table, columns, types))
		g.values(table, g.m.Periods(grain), func(p int) string {
			from, _ := g.m.Time.WholeDays(grain, p)
			row := []string{strconv.Itoa(p), d.quoted(g.m.Time.Label(grain, p)), d.literal(dayPart(from))}
			for part := range model.Parts {
				row = append(row, d.number(model.Part(part).Of(g.m.Time, grain, p)))
			}
			return "(" + strings.Join(row, ", ") + ")"
		})
	}
}

// dates is a table of all dates of the axis that a file may have for a period of a grain: its own name, and the days and longer
// periods in it.
func (g *generator) dates(grain calendar.Grain) string {
	table := name("dates_" + grain.String())
	if g.dated[grain] {
		return table
	}
	g.dated[grain] = true
	d, axis := g.Dialect, g.m.Time
	g.before(d.empty(table, []string{"label", "p"}, []string{d.text(), d.int()}))
	for fine := calendar.Day; fine <= grain; fine++ {
		if fine != grain && !fine.Nests(grain) {
			continue
		}
		for from := 0; from < axis.Len(fine); from += 1000 {
			var rows []string
			for k := from; k < min(axis.Len(fine), from+1000); k++ {
				rows = append(rows, fmt.Sprintf("(%s, %d)", d.quoted(axis.Label(fine, k)), axis.Within(fine, k, grain)))
			}
			g.before("INSERT INTO " + table + " VALUES\n" + strings.Join(rows, ",\n"))
		}
	}
	return table
}

func partColumn(p model.Part) string { return p.String() }

// views writes what is shown, with the names of items and periods.
func (g *generator) views() {
	for i := range g.m.Outputs {
		o := &g.m.Outputs[i]
		view := fmt.Sprintf("show_%d", i+1)
		var selects, joins []string
		order := "CAST(0 AS " + g.Dialect.pick("BIGINT", "Int64") + ")"
		from := g.tables[o.Columns[0].View] + " AS c0"
		used := map[string]bool{"n": true}
		label := func(s string) string {
			for base, k := s, 2; used[strings.ToLower(s)]; k++ {
				s = fmt.Sprintf("%s_%d", base, k)
			}
			used[strings.ToLower(s)] = true
			return name(s)
		}
		for _, d := range o.By {
			a := "a" + strconv.Itoa(int(d))
			joins = append(joins, fmt.Sprintf("JOIN %s AS %s ON %s.i = c0.%s", g.dimTable(d), a, a, item(d)))
			selects = append(selects, fmt.Sprintf("%s.name AS %s", a, label(g.m.Dims[d].Name)))
			order = fmt.Sprintf("(%s * %d + c0.%s)", order, g.m.Dims[d].Len(), item(d))
		}
		if o.Grain != calendar.None {
			joins = append(joins, fmt.Sprintf("JOIN %s AS t ON t.p = c0.p", g.timeTable(o.Grain)))
			selects = append(selects, "t.label AS "+label(o.Grain.String()))
			order = fmt.Sprintf("(%s * %d + c0.p)", order, g.m.Periods(o.Grain))
		}
		for k, c := range o.Columns {
			a := "c" + strconv.Itoa(k)
			if k > 0 {
				on := []string{"1 = 1"}
				for _, d := range o.By {
					on = append(on, fmt.Sprintf("%s.%s = c0.%s", a, item(d), item(d)))
				}
				if o.Grain != calendar.None {
					on = append(on, a+".p = c0.p")
				}
				if len(on) > 1 {
					on = on[1:]
				}
				joins = append(joins, fmt.Sprintf("JOIN %s AS %s ON %s", g.tables[c.View], a, strings.Join(on, " AND ")))
			}
			selects = append(selects, a+".x AS "+label(c.Title))
		}
		g.add("show "+o.Title, fmt.Sprintf("CREATE VIEW %s AS SELECT %s AS n, %s FROM %s %s", name(view), order, strings.Join(selects, ", "), from, strings.Join(joins, " ")))
		g.out.Views = append(g.out.Views, view)
	}
}
