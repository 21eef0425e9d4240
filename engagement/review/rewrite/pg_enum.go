package rewrite

import (
	"fmt"
	"slices"
	"strings"
)

func enumList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = literal(v)
	}
	return strings.Join(quoted, ", ")
}

// without returns the values but one.
func (e Enum) without(value string) []string {
	var out []string
	for _, v := range e.Values {
		if v != value {
			out = append(out, v)
		}
	}
	return out
}

// using is the expression of the new value of a column, as text.
func (c DropEnumValue) using(col string) string { return c.text(col) + "::" + c.Type.String() }

func (c DropEnumValue) text(col string) string {
	if c.Instead == "" {
		return quote(col) + "::text"
	}
	return "CASE " + quote(col) + "::text WHEN " + literal(c.Value) + " THEN " + literal(c.Instead) + " ELSE " + quote(col) + "::text END"
}

// newDefault is the default of a column under the new type: the server writes one of an enumerated type as
// a constant with a cast, 'a'::mood.
func (c DropEnumValue) newDefault(old string) string {
	value, _, _ := strings.Cut(old, "'::")
	value = strings.TrimPrefix(value, "'")
	if strings.ReplaceAll(value, "''", "'") == c.Value {
		return literal(c.Instead)
	}
	return "'" + value + "'"
}

func labelExists(t Name, value string) string {
	return fmt.Sprintf("EXISTS (SELECT FROM pg_enum WHERE enumtypid = to_regtype(%s) AND enumlabel = %s)", literal(t.String()), literal(value))
}

func typeExists(t Name) string { return fmt.Sprintf("to_regtype(%s) IS NOT NULL", literal(t.String())) }

func (p postgres) addEnumValue(c AddEnumValue) (Recipe, error) {
	s := online("add", "Add the value", ask(labelExists(c.Type, c.Value)), nil, c.plain(p.Facts)...)
	s.NoReturn = true
	s.Says = "Locks no table. Outside a transaction, so that the value can be used at once. Taking it back needs a new type: see the recipe for that."
	return Recipe{Steps: []Step{s}, Notes: []string{"Bring out code that can read the new value before any code that writes it."}}, nil
}

func (p postgres) renameEnumValue(c RenameEnumValue) (Recipe, error) {
	if e, ok := p.Enum(c.Type); ok && !slices.Contains(e.Values, c.From) {
		return refuse("%s has no value %s.", c.Type, literal(c.From))
	}
	s := p.quick("rename", "Rename the value", ask(labelExists(c.Type, c.To), not(labelExists(c.Type, c.From))), nil, c.plain(p.Facts)...)
	s.Undo = []string{fmt.Sprintf("DO $$BEGIN IF %s THEN %s; END IF; END$$", labelExists(c.Type, c.To), RenameEnumValue{c.Type, c.To, c.From}.plain(p.Facts)[0])}
	s.Says = "Locks no table and writes no row: rows refer to the value by number."
	return Recipe{
		Steps: []Step{{ID: "deploy", Title: "Bring out code that takes both names for the value", Kind: Deploy, Says: "It reads either and writes the old one until the rename; then bring out code that knows the new one only."}, s},
	}, nil
}

func (p postgres) dropEnumValue(c DropEnumValue) (Recipe, error) {
	e, known := p.Enum(c.Type)
	switch {
	case !known:
		return refuse("Where %s is used is not known. Give the schema.", c.Type)
	case !slices.Contains(e.Values, c.Value):
		return refuse("%s has no value %s.", c.Type, literal(c.Value))
	case c.Instead != "" && !slices.Contains(e.without(c.Value), c.Instead):
		return refuse("%s has no value %s to put in the place of %s.", c.Type, literal(c.Instead), literal(c.Value))
	case len(e.Other) > 0:
		return refuse("%s is also used by %s; change that first.", c.Type, strings.Join(e.Other, ", "))
	case len(e.Uses) != 1:
		return refuse("%s is the type of %d columns; the recipe exchanges one. Give each of the others a type of its own first (by the recipe for changing a type).", c.Type, len(e.Uses))
	}
	use := e.Uses[0]
	t, known := p.Table(use.Table)
	if !known {
		return refuse("%s is not known. Give the schema.", use.Table)
	}
	col, _ := t.Column(use.Column)
	fresh, aside := c.Type.beside(derive(c.Type.Name, "napkin_new")), c.Type.beside(derive(c.Type.Name, "napkin_old"))
	x := p.newExchange(t, col, fresh.String(), c.text(use.Column)+"::"+fresh.String())
	x.changed = not(labelExists(c.Type, c.Value))
	if col.Default != "" {
		x.newDefault = c.newDefault(col.Default) + "::" + fresh.String()
	}
	x.after = []string{fmt.Sprintf("ALTER TYPE %s RENAME TO %s", c.Type, quote(aside.Name)), fmt.Sprintf("ALTER TYPE %s RENAME TO %s", fresh, quote(c.Type.Name))}
	x.last, x.lastDone = []string{"DROP TYPE IF EXISTS " + aside.String()}, []string{not("(" + typeExists(aside) + ")")}
	r, err := x.recipe()
	if err != nil {
		return Recipe{}, err
	}
	r.Preflight = []Question{asksAll(use.Table)} // that of the cast would name the new type, which is not there yet
	create := p.quick("type", "Create the type without the value", ask(typeExists(fresh)), nil, fmt.Sprintf("CREATE TYPE %s AS ENUM (%s)", fresh, enumList(e.without(c.Value))))
	create.Undo = []string{"DROP TYPE IF EXISTS " + fresh.String()}
	r.Steps = append([]Step{create}, r.Steps...)
	if c.Instead == "" {
		r.Preflight = append(r.Preflight, Question{
			SQL:  fmt.Sprintf("SELECT EXISTS (SELECT FROM %s WHERE %s = %s)", use.Table, quote(use.Column), literal(c.Value)),
			Says: fmt.Sprintf("%s holds %s. Change those rows first, or say which value takes its place.", column(use.Table, use.Column), literal(c.Value)),
		})
	}
	r.Notes = append(r.Notes, fmt.Sprintf("Bring out code that does not write %s before the first step.", literal(c.Value)))
	return r, nil
}
