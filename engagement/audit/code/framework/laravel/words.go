package laravel

import "strings"

// irregular are the plurals of Laravel's inflector that no ending tells.
var irregular = map[string]string{
	"person": "people", "child": "children", "man": "men", "woman": "women", "mouse": "mice", "foot": "feet", "tooth": "teeth", "goose": "geese", "ox": "oxen",
	"datum": "data", "medium": "media", "criterion": "criteria", "analysis": "analyses", "axis": "axes", "crisis": "crises", "basis": "bases", "index": "indices", "matrix": "matrices",
	"vertex": "vertices", "leaf": "leaves", "knife": "knives", "life": "lives", "wife": "wives", "half": "halves", "shelf": "shelves", "quiz": "quizzes", "hero": "heroes", "potato": "potatoes", "tomato": "tomatoes", "echo": "echoes",
}

// uncountable words are their own plural.
var uncountable = map[string]bool{
	"audio": true, "bison": true, "chassis": true, "deer": true, "education": true, "emoji": true, "equipment": true, "evidence": true, "feedback": true, "fish": true,
	"furniture": true, "hardware": true, "information": true, "jedi": true, "knowledge": true, "love": true, "metadata": true, "money": true, "moose": true, "news": true, "nutrition": true,
	"offspring": true, "plankton": true, "police": true, "rain": true, "rice": true, "series": true, "sheep": true, "software": true, "species": true, "swine": true, "traffic": true, "media": true, "data": true, "cattle": true, "recommended": true, "related": true,
}

// Tableize is the table that Eloquent expects for a model: the plural of its name in snake case.
func Tableize(class string) string {
	if i := strings.LastIndexAny(class, `\.`); i >= 0 {
		class = class[i+1:]
	}
	return plural(snake(class))
}

func plural(w string) string {
	head, last := "", w
	if i := strings.LastIndexByte(w, '_'); i >= 0 {
		head, last = w[:i+1], w[i+1:]
	}
	switch p, ok := irregular[last]; {
	case ok:
		return head + p
	case uncountable[last] || last == "":
		return w
	case strings.HasSuffix(last, "y") && len(last) > 1 && !strings.ContainsRune("aeiou", rune(last[len(last)-2])):
		return head + last[:len(last)-1] + "ies"
	case strings.HasSuffix(last, "s"), strings.HasSuffix(last, "x"), strings.HasSuffix(last, "ch"), strings.HasSuffix(last, "sh"), strings.HasSuffix(last, "z"):
		return head + last + "es"
	}
	return head + last + "s"
}

// snake is Str::snake: a "_" before each upper-case letter, "S3Storage" being "s3_storage".
func snake(s string) string {
	var sb strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			if i > 0 && s[i-1] != '_' {
				sb.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		sb.WriteByte(c)
	}
	return sb.String()
}

// studly is Str::studly: "is_admin" is "IsAdmin".
func studly(s string) string {
	var sb strings.Builder
	up := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '_' || c == '-' {
			up = true
			continue
		}
		if up && c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		up = false
		sb.WriteByte(c)
	}
	return sb.String()
}

func camel(s string) string {
	s = studly(s)
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
