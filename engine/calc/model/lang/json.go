package lang

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The form of a model in JSON. Formulas, items, keys and values are text as in the language.
type (
	jsonModel struct {
		Model      string          `json:"model,omitempty"`
		Time       *jsonTime       `json:"time,omitempty"`
		Dimensions []jsonDimension `json:"dimensions,omitempty"`
		Maps       []jsonMap       `json:"maps,omitempty"`
		Variables  []jsonVariable  `json:"variables,omitempty"`
		Scenarios  []jsonScenario  `json:"scenarios,omitempty"`
		Simulate   *jsonSimulate   `json:"simulate,omitempty"`
		Show       []jsonShow      `json:"show,omitempty"`
	}
	jsonTime struct {
		Grain    string            `json:"grain"`
		From     string            `json:"from"`
		To       string            `json:"to"`
		Settings map[string]string `json:"settings,omitempty"`
	}
	jsonDimension struct {
		Name  string      `json:"name"`
		Items []string    `json:"items,omitempty"`
		Data  *jsonSource `json:"data,omitempty"`
	}
	jsonMap struct {
		From    string      `json:"from"`
		To      string      `json:"to"`
		Entries []jsonEntry `json:"entries,omitempty"`
		Data    *jsonSource `json:"data,omitempty"`
	}
	// jsonEntry is one entry of a table or a mapping.
	jsonEntry struct {
		Key string `json:"key"`
		// Value is a number as the language writes it (a number of JSON is one), or the item that a mapping leads to.
		Value jsonText `json:"value"`
	}
	jsonSource struct {
		Kind     string            `json:"kind"`
		Location string            `json:"location"`
		Query    string            `json:"query,omitempty"`
		Columns  map[string]string `json:"columns,omitempty"`
	}
	jsonVariable struct {
		Name     string            `json:"name"`
		Input    bool              `json:"input,omitempty"`
		Over     *[]string         `json:"over,omitempty"`
		Formula  string            `json:"formula,omitempty"`
		Values   []jsonEntry       `json:"values,omitempty"`
		Data     *jsonSource       `json:"data,omitempty"`
		Settings map[string]string `json:"settings,omitempty"`
	}
	jsonScenario struct {
		Name      string         `json:"name"`
		Overrides []jsonVariable `json:"overrides,omitempty"`
	}
	jsonSimulate struct {
		Samples  int               `json:"samples"`
		Settings map[string]string `json:"settings,omitempty"`
	}
	jsonShow struct {
		Variables []string  `json:"variables"`
		By        *[]string `json:"by,omitempty"`
	}
)

// jsonText is a text that may be written as a number.
type jsonText string

func (t *jsonText) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(t))
	}
	var n json.Number
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	*t = jsonText(n)
	return nil
}

// MarshalJSON gives the form of a model in JSON, which [ParseJSON] reads. It has everything that Print writes.
func MarshalJSON(f *File) ([]byte, error) {
	m := jsonModel{Model: f.Name.Name}
	if t := f.Time; t != nil {
		m.Time = &jsonTime{t.Grain.String(), t.From.String(), t.To.String(), settingMap(t.Settings)}
	}
	for _, d := range f.Dimensions {
		j := jsonDimension{Name: d.Name.Name, Data: sourceJSON(d.Data)}
		for _, r := range d.Items {
			j.Items = append(j.Items, r.String())
		}
		m.Dimensions = append(m.Dimensions, j)
	}
	for _, x := range f.Maps {
		j := jsonMap{From: x.From.Name, To: x.To.Name, Data: sourceJSON(x.Data)}
		for _, e := range x.Entries {
			j.Entries = append(j.Entries, jsonEntry{e.Key.String(), jsonText(e.Target.text())})
		}
		m.Maps = append(m.Maps, j)
	}
	for _, v := range f.Variables {
		m.Variables = append(m.Variables, variableJSON(v))
	}
	for _, s := range f.Scenarios {
		j := jsonScenario{Name: s.Name.Name}
		for _, v := range s.Overrides {
			j.Overrides = append(j.Overrides, variableJSON(v))
		}
		m.Scenarios = append(m.Scenarios, j)
	}
	if s := f.Simulate; s != nil {
		m.Simulate = &jsonSimulate{s.Samples, settingMap(s.Settings)}
	}
	for _, s := range f.Shows {
		var j jsonShow
		for _, n := range s.Items {
			j.Variables = append(j.Variables, n.String())
		}
		if s.HasBy {
			by := identNames(s.By)
			j.By = &by
		}
		m.Show = append(m.Show, j)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}

func variableJSON(v *Variable) jsonVariable {
	j := jsonVariable{Name: v.Name.Name, Input: v.Input, Data: sourceJSON(v.Data), Settings: settingMap(v.Settings)}
	if v.HasOver {
		over := identNames(v.Over)
		j.Over = &over
	}
	if v.Formula != nil {
		j.Formula = v.Formula.String()
	}
	if v.Table != nil {
		for _, e := range v.Table.Entries {
			j.Values = append(j.Values, jsonEntry{e.key(), jsonText(e.Text)})
		}
	}
	return j
}

func identNames(list []Ident) []string {
	names := make([]string, len(list))
	for i, id := range list {
		names[i] = id.Name
	}
	return names
}

func settingMap(settings []Setting) map[string]string {
	if len(settings) == 0 {
		return nil
	}
	m := map[string]string{}
	for _, s := range settings {
		_, m[s.Name.Name], _ = strings.Cut(s.String(), ": ")
	}
	return m
}

func sourceJSON(s *DataSource) *jsonSource {
	if s == nil {
		return nil
	}
	j := &jsonSource{Kind: s.Kind, Location: s.Location, Query: s.Query}
	for _, c := range s.Columns {
		if j.Columns == nil {
			j.Columns = map[string]string{}
		}
		j.Columns[c.Of.Name] = c.Column.Name
	}
	return j
}

// ParseJSON reads a model in JSON. It is written out in the language and parsed, and so places in the errors of formulas
// are places in that text, which the File returned has as its Source.
func ParseJSON(name string, data []byte) (*File, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var m jsonModel
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("%s: the model in JSON: %w", name, err)
	}
	if d.More() {
		return nil, fmt.Errorf("%s: the model in JSON has text behind its end", name)
	}
	w := &jsonWriter{}
	w.model(m)
	if w.bad != "" {
		return nil, fmt.Errorf("%s: %q has a line break, which no part of a model has", name, w.bad)
	}
	return Parse(Source{Name: name + " (as text)", Text: w.b.String()})
}

// jsonWriter writes a model in JSON in the language. Text is taken as it is: what is wrong with it the parser tells.
type jsonWriter struct {
	b   strings.Builder
	bad string // a part with a line break
}

// line writes a line of parts. A part with a line break would be another statement.
func (w *jsonWriter) line(parts ...string) {
	for _, p := range parts {
		if strings.ContainsAny(p, "\n\r") {
			w.bad = p
		}
		w.b.WriteString(p)
	}
	w.b.WriteByte('\n')
}

func (w *jsonWriter) model(m jsonModel) {
	if m.Model != "" {
		w.line("model ", quote(m.Model))
	}
	if t := m.Time; t != nil {
		w.line("time ", t.Grain, " ", t.From, " to ", t.To)
		w.settings("    ", t.Settings, timeSettings)
	}
	for _, d := range m.Dimensions {
		switch {
		case d.Data != nil:
			w.line("dimension ", d.Name, " ", d.Data.text())
		case len(d.Items) == 0:
			w.line("dimension ", d.Name, " = none")
		default:
			w.line("dimension ", d.Name, " = ", strings.Join(d.Items, ", "))
		}
	}
	for _, x := range m.Maps {
		switch {
		case x.Data != nil:
			w.line("map ", x.From, " -> ", x.To, " ", x.Data.text())
		case len(x.Entries) == 0:
			w.line("map ", x.From, " -> ", x.To, " = none")
		default:
			w.line("map ", x.From, " -> ", x.To, " = ", entriesText(x.Entries))
		}
	}
	for _, v := range m.Variables {
		w.variable("", v)
	}
	for _, s := range m.Scenarios {
		w.line("scenario ", quote(s.Name))
		for _, v := range s.Overrides {
			w.variable("    ", v)
		}
	}
	if s := m.Simulate; s != nil {
		w.line("simulate ", strconv.Itoa(s.Samples))
		w.settings("    ", s.Settings, simulateSettings)
	}
	for _, s := range m.Show {
		by := ""
		if s.By != nil {
			by = " by " + strings.Join(*s.By, ", ")
		}
		w.line("show ", strings.Join(s.Variables, ", "), by)
	}
}

func (w *jsonWriter) variable(indent string, v jsonVariable) {
	head := indent
	if v.Input {
		head += "input "
	}
	head += v.Name
	if v.Over != nil {
		head += "[" + strings.Join(*v.Over, ", ") + "]"
	}
	switch {
	case v.Data != nil:
		w.line(head, " ", v.Data.text())
	case v.Formula != "":
		w.line(head, " = ", v.Formula)
	default:
		w.line(head, " = ", entriesText(v.Values))
	}
	w.settings(indent+"    ", v.Settings, variableSettings)
}

// settings writes settings in the order of the language, and unknown ones behind them.
func (w *jsonWriter) settings(indent string, settings map[string]string, known []string) {
	done := 0
	for _, name := range known {
		if value, ok := settings[name]; ok {
			w.line(indent, name, ": ", value)
			done++
		}
	}
	if done == len(settings) {
		return
	}
	isKnown := map[string]bool{}
	for _, name := range known {
		isKnown[name] = true
	}
	for _, name := range sortedKeys(settings) {
		if !isKnown[name] {
			w.line(indent, name, ": ", settings[name])
		}
	}
}

func sortedKeys(m map[string]string) []string {
	return slices.Sorted(maps.Keys(m))
}

func entriesText(entries []jsonEntry) string {
	list := make([]string, len(entries))
	for i, e := range entries {
		list[i] = e.Key + ": " + string(e.Value)
	}
	return strings.Join(list, ", ")
}

func (s *jsonSource) text() string {
	source := DataSource{Kind: s.Kind, Location: s.Location, Query: s.Query}
	for _, of := range sortedKeys(s.Columns) {
		source.Columns = append(source.Columns, ColumnName{Ident{Name: of}, Ident{Name: s.Columns[of]}})
	}
	return source.String()
}
