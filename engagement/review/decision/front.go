package decision

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Front is what the front matter of a record declares: MADR's own fields, and facts that nothing else in
// the record says in a form that can be relied on. What is not declared is not guessed.
type Front struct {
	Status         string
	Date           string
	DecisionMakers []string
	// Chosen is the option of the model that was chosen, by its name there.
	Chosen string
	// New are the technologies that the team has not run in production yet; nil where the record does not
	// say, empty where it says that there are none.
	New []string
	// Tags select the failure modes to think through.
	Tags []string
	// Undo says what taking the decision back costs, DataFormat what data it writes in a new form, and
	// PointOfNoReturn from when on it cannot be taken back.
	Undo, DataFormat, PointOfNoReturn string
}

// frontMatter reads the YAML between two lines of three dashes at the start, and returns the data with
// those lines empty.
func (r *Record) frontMatter(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte("---\n")) {
		return data, nil
	}
	rest := data[4:]
	end := 0
	for {
		line, _, more := bytes.Cut(rest[end:], []byte("\n"))
		if s := strings.TrimRight(string(line), " \t"); s == "---" || s == "..." {
			break
		}
		if !more {
			return nil, fmt.Errorf("%s:1: %w: no line `---` ends it", r.Name, errFront)
		}
		end += len(line) + 1
	}
	var node yaml.Node
	if err := yaml.Unmarshal(rest[:end], &node); err != nil {
		return nil, fmt.Errorf("%s:1: %w: %s", r.Name, errFront, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(node.Content) > 0 {
		if err := r.Front.read(node.Content[0]); err != nil {
			return nil, fmt.Errorf("%s:%w", r.Name, err)
		}
	}
	close := bytes.IndexByte(rest[end:], '\n')
	if close < 0 {
		close = len(rest) - end - 1
	}
	blank := bytes.Clone(data)
	for i := range blank[:4+end+close+1] {
		if blank[i] != '\n' {
			blank[i] = ' '
		}
	}
	return blank, nil
}

func (f *Front) read(m *yaml.Node) error {
	if m.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: %w: it is a list of `name: value` lines", m.Line+1, errFront)
	}
	texts := map[string]*string{
		"status": &f.Status, "date": &f.Date, "chosen": &f.Chosen,
		"undo": &f.Undo, "data-format": &f.DataFormat, "point-of-no-return": &f.PointOfNoReturn,
	}
	lists := map[string]*[]string{"decision-makers": &f.DecisionMakers, "deciders": &f.DecisionMakers, "new-technologies": &f.New, "tags": &f.Tags}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i], m.Content[i+1]
		name := strings.ToLower(key.Value)
		if to := texts[name]; to != nil {
			if value.Kind != yaml.ScalarNode {
				return fmt.Errorf("%d: %w: %s is a text", key.Line+1, errFront, name)
			}
			*to = strings.TrimSpace(value.Value)
		}
		to := lists[name]
		if to == nil {
			continue
		}
		items := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			items = value.Content
		}
		*to = []string{}
		for _, item := range items {
			if item.Kind != yaml.ScalarNode {
				return fmt.Errorf("%d: %w: %s is a list of texts", key.Line+1, errFront, name)
			}
			for _, one := range strings.Split(item.Value, ",") {
				if one = strings.TrimSpace(one); one != "" && !(name == "new-technologies" && strings.EqualFold(one, "none")) {
					*to = append(*to, one)
				}
			}
		}
	}
	return nil
}
