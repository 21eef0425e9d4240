package rails

import "strings"

var irregular = map[string]string{
	"person": "people", "child": "children", "man": "men", "woman": "women", "mouse": "mice", "datum": "data", "medium": "media",
	"criterion": "criteria", "ox": "oxen", "foot": "feet", "tooth": "teeth", "goose": "geese", "analysis": "analyses", "index": "indices",
	"move": "moves", "status": "statuses", "alias": "aliases", "bus": "buses", "quiz": "quizzes", "axis": "axes", "news": "news",
	"series": "series", "species": "species", "equipment": "equipment", "information": "information", "money": "money", "metadata": "metadata",
	"cache": "caches", "virus": "viri", "octopus": "octopi", "matrix": "matrices", "vertex": "vertices", "leaf": "leaves", "knife": "knives", "life": "lives", "wife": "wives", "half": "halves", "shelf": "shelves",
}

// Pluralize returns the plural that Rails uses for a table name of an English noun.
func Pluralize(w string) string {
	head, last := "", w
	if i := strings.LastIndexByte(w, '_'); i >= 0 {
		head, last = w[:i+1], w[i+1:]
	}
	if p, ok := irregular[last]; ok {
		return head + p
	}
	switch {
	case strings.HasSuffix(last, "y") && len(last) > 1 && !strings.ContainsRune("aeiou", rune(last[len(last)-2])):
		last = last[:len(last)-1] + "ies"
	case strings.HasSuffix(last, "s"), strings.HasSuffix(last, "x"), strings.HasSuffix(last, "ch"), strings.HasSuffix(last, "sh"), strings.HasSuffix(last, "z"):
		last += "es"
	default:
		last += "s"
	}
	return head + last
}

// Singularize is the inverse of Pluralize for the words that Rails applications use.
func Singularize(w string) string {
	head, last := "", w
	if i := strings.LastIndexByte(w, '_'); i >= 0 {
		head, last = w[:i+1], w[i+1:]
	}
	for s, p := range irregular {
		if p == last {
			return head + s
		}
	}
	switch {
	case strings.HasSuffix(last, "ies") && len(last) > 4:
		last = last[:len(last)-3] + "y"
	case strings.HasSuffix(last, "sses"), strings.HasSuffix(last, "xes"), strings.HasSuffix(last, "ches"), strings.HasSuffix(last, "shes"), strings.HasSuffix(last, "zzes"), strings.HasSuffix(last, "uses") && !strings.HasSuffix(last, "auses"):
		last = last[:len(last)-2]
	case strings.HasSuffix(last, "ss"), strings.HasSuffix(last, "us"), strings.HasSuffix(last, "is"):
	case strings.HasSuffix(last, "s"):
		last = last[:len(last)-1]
	}
	return head + last
}

// Underscore turns CamelCase into snake_case ("Api::V1::GemFile" -> "api/v1/gem_file").
func Underscore(s string) string {
	var sb strings.Builder
	s = strings.ReplaceAll(s, "::", "/")
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			if i > 0 && s[i-1] != '/' && s[i-1] != '_' && (s[i-1] < 'A' || s[i-1] > 'Z' || (i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z')) {
				sb.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		sb.WriteByte(c)
	}
	return sb.String()
}

// Camelize turns snake_case into CamelCase.
func Camelize(s string) string {
	var sb strings.Builder
	up := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '_':
			up = true
			continue
		case c == '/':
			sb.WriteString("::")
			up = true
			continue
		case up && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		up = false
		sb.WriteByte(c)
	}
	return sb.String()
}

// Tableize returns the table of a model class.
func Tableize(class string) string {
	return Pluralize(strings.ReplaceAll(Underscore(LastSegment(class)), "/", "_"))
}

// Classify returns the class that an association name leads to.
func Classify(name string, many bool) string {
	if many {
		name = Singularize(name)
	}
	return Camelize(name)
}
