package rails

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// dialectOf says which product a store runs on in production: by config/database.yml (or its
// example), else by the driver in the Gemfile.
func dialectOf(p *project.Project, s *store) schema.Dialect {
	for _, f := range p.Files {
		rest, ok := strings.CutPrefix(f.Path, s.root+"config/database")
		if !ok || strings.Contains(rest, "/") || !strings.Contains(rest, ".y") {
			continue
		}
		if d := databaseYAML(f.Source(), s.name); d != schema.Unknown {
			return d
		}
	}
	for root := s.root; ; {
		for _, name := range []string{"Gemfile", "Gemfile.lock"} {
			if f := p.File(root + name); f != nil {
				if d := driver(f.Source()); d != schema.Unknown {
					return d
				}
			}
		}
		if root == "" {
			return schema.Unknown
		}
		root = dirOf(strings.TrimSuffix(root, "/"))
	}
}

func adapter(name string) schema.Dialect {
	name = strings.ToLower(strings.Trim(name, `"' `))
	switch {
	case strings.HasPrefix(name, "postg"), name == "pg", name == "cockroachdb":
		return schema.Postgres
	case strings.HasPrefix(name, "mysql"), name == "trilogy", name == "mariadb":
		return schema.MySQL
	case strings.HasPrefix(name, "sqlite"), name == "litedb":
		return schema.SQLite
	case name == "sqlserver", name == "mssql":
		return schema.SQLServer
	case strings.HasPrefix(name, "oracle"):
		return schema.Oracle
	}
	return schema.Unknown
}

var (
	erbTag     = regexp.MustCompile(`(?s)<%.*?%>`)
	erbAdapter = regexp.MustCompile(`adapter:[^\n]*?\|\|\s*["'](\w+)["']|adapter:[^\n]*fetch\([^\n]*?,\s*["'](\w+)["']`)
	gemDriver  = regexp.MustCompile(`(?m)^\s*(?:gem\s*\(?\s*["']|)(pg|mysql2|trilogy|sqlite3|activerecord-sqlserver-adapter|activerecord-oracle_enhanced-adapter)(?:["']|\s*\()`)
)

// databaseYAML reads the adapter of a database from a configuration with ERB in it.
func databaseYAML(src []byte, name string) schema.Dialect {
	if m := erbAdapter.FindSubmatch(src); m != nil {
		if d := adapter(string(m[1]) + string(m[2])); d != schema.Unknown {
			return d
		}
	}
	masked := erbTag.ReplaceAllFunc(src, func(b []byte) []byte {
		out := make([]byte, 0, len(b))
		for _, c := range b {
			if c == '\n' {
				out = append(out, c)
			}
		}
		return append(out, 'x')
	})
	// A tag on a line of its own (a condition) is not YAML.
	lines := strings.Split(string(masked), "\n")
	for i, l := range lines {
		if strings.Trim(strings.TrimSpace(l), "x") == "" {
			lines[i] = ""
		}
	}
	var doc map[string]any
	if yaml.Unmarshal([]byte(strings.Join(lines, "\n")), &doc) != nil {
		return schema.Unknown
	}
	for _, env := range []string{"production", "default", "development", "staging"} {
		section, _ := doc[env].(map[string]any)
		if section == nil {
			continue
		}
		if d := ofSection(section, name); d != schema.Unknown {
			return d
		}
	}
	return schema.Unknown
}

func ofSection(section map[string]any, name string) schema.Dialect {
	want := name
	if want == "" {
		want = "primary"
	}
	if sub, ok := section[want].(map[string]any); ok {
		section = sub
	} else if name != "" {
		return schema.Unknown
	}
	if a, ok := section["adapter"].(string); ok {
		return adapter(a)
	}
	if u, ok := section["url"].(string); ok {
		scheme, _, _ := strings.Cut(u, ":")
		return adapter(scheme)
	}
	return schema.Unknown
}

// driver reads the database driver from a Gemfile or its lock file. An application that lists
// several runs SQLite in development as a rule.
func driver(src []byte) schema.Dialect {
	found := map[string]bool{}
	for _, m := range gemDriver.FindAllSubmatch(src, -1) {
		found[string(m[1])] = true
	}
	switch {
	case found["pg"]:
		return schema.Postgres
	case found["mysql2"], found["trilogy"]:
		return schema.MySQL
	case found["sqlite3"]:
		return schema.SQLite
	case found["activerecord-sqlserver-adapter"]:
		return schema.SQLServer
	case found["activerecord-oracle_enhanced-adapter"]:
		return schema.Oracle
	}
	return schema.Unknown
}

// productOfDump looks for words in a schema.rb that only one product's dumper writes.
func productOfDump(block syntax.Ref) schema.Dialect {
	for c := range block.Descendants(syntax.Call) {
		switch c.Str() {
		case "enable_extension", "jsonb", "citext", "inet", "tsvector", "hstore", "timestamptz":
			return schema.Postgres
		case "create_table":
			if c.Keyword("charset").Ok() || strings.Contains(c.Keyword("options").Str(), "ENGINE=") {
				return schema.MySQL
			}
		}
	}
	return schema.Unknown
}

var lockedRails = regexp.MustCompile(`(?m)^    (?:rails|activerecord) \((\d+)\.(\d+)`)

// primaryKeysAreBig says whether an id that a schema.rb does not type is a bigint: since Rails 5.1.
func primaryKeysAreBig(p *project.Project, root string) bool {
	for {
		if f := p.File(root + "Gemfile.lock"); f != nil {
			if m := lockedRails.FindSubmatch(f.Source()); m != nil {
				major, _ := strconv.Atoi(string(m[1]))
				minor, _ := strconv.Atoi(string(m[2]))
				return major > 5 || major == 5 && minor >= 1
			}
		}
		if root == "" {
			return true
		}
		root = dirOf(strings.TrimSuffix(root, "/"))
	}
}
