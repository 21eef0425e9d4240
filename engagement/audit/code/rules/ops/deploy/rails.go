package deploy

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Databases is one config/database.yml of a Rails application.
type Databases struct {
	File *project.File
	Root string // folder of the application, "" or with a trailing slash
	// Production is the primary database of the production environment.
	Production *config.Node
}

// RailsDatabases returns the config/database.yml files of the project, examples included where an
// application has only that.
func RailsDatabases(p *project.Project) []Databases {
	var out []Databases
	for _, f := range Files(p, config.KindYAML) {
		if path.Base(f.Path) != "database.yml" || path.Base(path.Dir(f.Path)) != "config" || len(f.Doc.YAML()) == 0 {
			continue
		}
		n := f.Doc.YAML()[0].Get("production")
		if primary := n.Get("primary"); primary != nil {
			n = primary
		}
		if n == nil {
			continue
		}
		out = append(out, Databases{f, strings.TrimSuffix(f.Path, "config/database.yml"), n})
	}
	return out
}

// Pool is the size of the connection pool: pool (max_connections since Rails 8.1), or the default of 5.
// from is the setting, nil for the default; variable is the environment variable that it reads.
func (d Databases) Pool() (size int, from *config.Field, variable string) {
	for _, key := range []string{"max_connections", "pool"} {
		f := d.Production.Field(key)
		if f == nil {
			continue
		}
		n, ok := config.Setting{Value: f.Value.Text()}.Int()
		if !ok {
			return 0, f, ""
		}
		return n, f, EnvName(f.Value.Text())
	}
	return 5, nil, ""
}

// EnvName is the environment variable that a template or an expression reads, "" for none.
func EnvName(text string) string {
	i := strings.Index(text, "ENV")
	if i < 0 {
		return ""
	}
	rest := text[i+3:]
	for _, q := range []string{`"`, `'`} {
		if a := strings.Index(rest, q); a >= 0 && a < 8 {
			if b := strings.Index(rest[a+1:], q); b >= 0 {
				return rest[a+1 : a+1+b]
			}
		}
	}
	return ""
}

// Literal resolves an argument of a Ruby configuration file to a number and the environment variable
// that may replace it: 5, ENV.fetch("N", 5), Integer(ENV["N"] || 5), ENV.fetch("N") { 5 }.to_i and local
// variables of those.
func Literal(f *project.File, n syntax.Ref) (value int, variable string, ok bool) {
	if n.Is(syntax.Name) || n.Kind() == syntax.Call && n.Has(syntax.FlagNoArgs) && !n.Receiver().Ok() {
		for a := range f.Tree.Root().Descendants(syntax.Assign) {
			if a.Child(syntax.Target).Str() == n.Str() {
				n = a.Child(syntax.Value)
				break
			}
		}
	}
	text := f.NodeText(n)
	variable = EnvName(text)
	for num := range n.Descendants(syntax.Number, syntax.String) {
		if num.Kind() == syntax.String && num.Str() == variable {
			continue
		}
		if v, isInt := (config.Setting{Value: num.Str()}).Int(); isInt {
			return v, variable, true
		}
	}
	return 0, variable, false
}

// EnvOf returns the constant value that deployment files give an environment variable, for the
// containers and services of which the command satisfies match.
func EnvOf(p *project.Project, name string, match func(command string) bool) (value int, ok bool) {
	for _, o := range Objects(p) {
		if o.Pod == nil {
			continue
		}
		for i := range o.Pod.Containers {
			c := &o.Pod.Containers[i]
			if !match(strings.Join(append(append([]string{}, c.Command...), c.Args...), " ")) {
				continue
			}
			if e, found := c.Getenv(name); found {
				if v, isInt := e.Int(); isInt {
					return v, true
				}
			}
		}
	}
	for _, f := range Files(p, config.KindCompose) {
		if c := f.Doc.Compose(); c != nil {
			for i := range c.Services {
				if e, found := c.Services[i].Getenv(name); found && match(c.Services[i].Command.Text()) {
					if v, isInt := e.Int(); isInt {
						return v, true
					}
				}
			}
		}
	}
	return 0, false
}
