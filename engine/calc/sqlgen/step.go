package sqlgen

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// step writes the tables of a step.
func (g *generator) step(direction model.Direction, vars []model.VarID) {
	if direction == model.Free {
		v := g.m.Vars[vars[0]]
		g.current = v
		g.free(v)
		return
	}
	d := g.Dialect
	for _, id := range vars {
		v := g.m.Vars[id]
		var columns, types []string
		for _, dim := range v.Dims {
			columns, types = append(columns, item(dim)), append(types, d.int())
		}
		g.add(v.Name+", period by period", d.empty(g.tables[id], append(columns, "p", "x"), append(types, d.int(), d.float())))
	}
	periods := g.m.Periods(g.m.Vars[vars[0]].Grain)
	for k := range periods {
		p := k
		if direction == model.Backward {
			p = periods - 1 - k
		}
		for _, id := range vars {
			v := g.m.Vars[id]
			g.current = v
			s := &scope{g: g, dims: v.Dims, grain: v.Grain, period: p}
			x := s.expr(v.Expr)
			columns := append(s.keys(), fmt.Sprintf("CAST(%d AS %s) AS p", p, d.int()), x+" AS x")
			g.flush()
			g.add("", "INSERT INTO "+g.tables[id]+" "+s.query(columns, ""))
		}
	}
}

// before keeps a statement that stands before the one which is being written.
func (g *generator) before(statement string) { g.waiting = append(g.waiting, statement) }

func (g *generator) flush() {
	for _, w := range g.waiting {
		g.add("", w)
	}
	g.waiting = nil
}

// free writes a table whose cells may be computed in any order.
func (g *generator) free(v *model.Var) {
	s := &scope{g: g, dims: v.Dims, grain: v.Grain, period: -1}
	var x string
	switch {
	case v.Data == nil:
		x = s.expr(v.Expr)
	case v.Data.External != nil:
		x = g.external(s, v)
	default:
		x = g.boxes(s, v)
	}
	g.flush()
	g.add(v.Name, g.Dialect.create(g.tables[v.ID])+" "+s.query(append(s.keys(), x+" AS x"), ""))
}

// boxes writes the values of a table of the model: few blocks as conditions, many cells as a table of their own.
func (g *generator) boxes(s *scope, v *model.Var) string {
	d := g.Dialect
	columns := s.keys()
	boxes := slices.Clone(v.Data.Boxes)
	slices.Reverse(boxes) // the later one counts
	if len(boxes) <= mostBoxes {
		x := d.number(v.Fill)
		var cases []string
		for _, b := range boxes {
			on := []string{}
			for i, c := range columns {
				switch {
				case b.Low[i] == b.High[i]:
					on = append(on, fmt.Sprintf("%s = %d", c, b.Low[i]))
				case b.Low[i] > 0 || int(b.High[i]) < g.sizeOf(v, i)-1:
					on = append(on, fmt.Sprintf("%s BETWEEN %d AND %d", c, b.Low[i], b.High[i]))
				}
			}
			if len(on) == 0 {
				x = d.number(b.Value) // all cells: nothing before counts
				break
			}
			cases = append(cases, "WHEN "+strings.Join(on, " AND ")+" THEN "+d.number(b.Value))
		}
		if len(cases) == 0 {
			return x
		}
		return "CASE " + strings.Join(cases, " ") + " ELSE " + x + " END"
	}
	seen := map[string]bool{}
	var rows []string
	for _, b := range boxes {
		if !slices.Equal(b.Low, b.High) {
			g.refuse("put the figures into a CSV file", "a table of more than %d entries with ranges among them is not written as SQL", mostBoxes)
		}
		var cells []string
		for _, at := range b.Low {
			cells = append(cells, strconv.Itoa(int(at)))
		}
		key := strings.Join(cells, ", ")
		if !seen[key] {
			seen[key] = true
			rows = append(rows, "("+key+", "+d.number(b.Value)+")")
		}
	}
	table := name(fmt.Sprintf("given_%d", v.ID))
	types := slices.Repeat([]string{d.int()}, len(columns))
	g.before(d.empty(table, append(slices.Clone(columns), "x"), append(types, d.float())))
	for from := 0; from < len(rows); from += 1000 {
		g.before("INSERT INTO " + table + " VALUES\n" + strings.Join(rows[from:min(len(rows), from+1000)], ",\n"))
	}
	return s.given(table, columns, v.Fill)
}

// sizeOf is how many items or periods a column of a variable has.
func (g *generator) sizeOf(v *model.Var, column int) int {
	if column < len(v.Dims) {
		return g.m.Dims[v.Dims[column]].Len()
	}
	return g.m.Periods(v.Grain)
}

// given joins cells that a table has.
func (s *scope) given(table string, columns []string, fill float64) string {
	s.g.unique++
	r := "r" + strconv.Itoa(s.g.unique)
	var on []string
	for _, c := range columns {
		on = append(on, r+"."+c+" = c."+c)
	}
	if len(on) == 0 {
		on = append(on, "1 = 1")
	}
	s.joins = append(s.joins, "LEFT JOIN "+table+" AS "+r+" ON "+strings.Join(on, " AND "))
	return "COALESCE(" + s.read(r) + ", " + s.g.Dialect.number(fill) + ")"
}

// external reads a file by the database.
func (g *generator) external(s *scope, v *model.Var) string {
	x := v.Data.External
	if x.Source.Kind == "database" {
		g.refuse("write what it finds to a CSV file, and read that", "%s is read from a %s, which is not written as SQL for %s", v.Name, x.Source.Kind, g.Dialect)
	}
	if x.Repeated == model.RepeatedLast {
		g.refuse("use sum or average", "the last of several rows is not known to a database, which has no order of rows")
	}
	path := x.Source.Location
	if !filepath.IsAbs(path) && g.Folder != "" {
		path = filepath.Join(g.Folder, path)
	}
	file, settings := g.Dialect.file(x.Source.Kind, path)
	var columns, group, joins []string
	text := func(column string) string { return g.Dialect.trimmed("f." + name(column)) }
	for i, d := range v.Dims {
		a := "a" + item(d)
		joins = append(joins, fmt.Sprintf("JOIN %s AS %s ON %s.name = %s", g.dimTable(d), a, a, text(x.Items[i])))
		columns, group = append(columns, a+".i AS "+item(d)), append(group, a+".i")
	}
	if x.Date != "" {
		date := text(x.Date)
		joins = append(joins, fmt.Sprintf("JOIN %s AS t ON t.label = CASE WHEN length(%s) > 10 THEN left(%s, 10) ELSE %s END", g.dates(v.Grain), date, date, date))
		columns, group = append(columns, "t.p AS p"), append(group, "t.p")
	}
	value := g.Dialect.asFloat(text(x.Value))
	agg := map[model.Repeated]string{model.RepeatedSum: "sum(", model.RepeatedAverage: "avg(", model.RepeatedError: "max("}[x.Repeated] + value + ")"
	if x.Repeated == model.RepeatedError {
		g.out.Notes = append(g.out.Notes, v.Name+": a second row of a cell is an error to the engine; the SQL takes the greater value")
	}
	if !x.SkipUnknown {
		g.out.Notes = append(g.out.Notes, v.Name+": a row of an unknown item is an error to the engine; the SQL passes it over")
	}
	table := name(fmt.Sprintf("given_%d", v.ID))
	by := ""
	if len(group) > 0 {
		by = " GROUP BY " + strings.Join(group, ", ")
	}
	g.before(g.Dialect.create(table) + " SELECT " + strings.Join(append(columns, agg+" AS x"), ", ") + " FROM " + file + " AS f " + strings.Join(joins, " ") + " WHERE " + text(x.Value) + " <> ''" + by + settings)
	keys := s.keys()
	if v.Grain == calendar.None && len(keys) == 0 {
		g.refuse("", "%s is one number from a file; write it into the model", v.Name)
	}
	return s.given(table, keys, v.Fill)
}
