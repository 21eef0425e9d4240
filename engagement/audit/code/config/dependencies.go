package config

import (
	"encoding/xml"
	"errors"
	"path"
	"regexp"
	"strings"
)

// Dependency is one package that a manifest or lock file names.
type Dependency struct {
	Ecosystem string // "rubygems", "npm", "composer", "go", "pypi", "maven"
	Name      string // as the ecosystem writes it; Maven: group:artifact; PyPI names in lower case with '-'
	Version   string // version or constraint as written, "" where none is given
	Dev       bool   // needed for tests and development only
	Locked    bool   // from a lock file: the version that is installed
	Indirect  bool   // needed by another dependency, where the manifest says so (go.mod)
	Span      Span
}

func (d *Document) parseDependencies(src string) error {
	name := strings.ToLower(path.Base(d.Path))
	switch {
	case name == "gemfile":
		d.gemfile(src)
	case name == "gemfile.lock":
		d.gemfileLock(src)
	case name == "package.json":
		return d.jsonDependencies(src, "npm", map[string]bool{"dependencies": false, "devDependencies": true, "peerDependencies": false, "optionalDependencies": false})
	case name == "composer.json":
		return d.jsonDependencies(src, "composer", map[string]bool{"require": false, "require-dev": true})
	case name == "go.mod":
		d.goMod(src)
	case name == "pom.xml":
		return d.pom(src)
	case strings.HasPrefix(name, "build.gradle"):
		d.gradle(src)
	case name == "pyproject.toml" || name == "pipfile":
		d.pyproject(src)
	case strings.HasPrefix(name, "requirements") && strings.HasSuffix(name, ".txt"):
		d.requirements(src)
	default:
		return errors.New("the file name is that of no known manifest")
	}
	return nil
}

func (d *Document) depend(ecosystem, name, version string, dev, locked bool, at Span) {
	if name == "" || len(d.deps) >= maxNodes {
		return
	}
	if ecosystem == "pypi" {
		name = strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
	}
	d.deps = append(d.deps, Dependency{Ecosystem: ecosystem, Name: name, Version: strings.TrimSpace(version), Dev: dev, Locked: locked, Span: at})
}

var (
	gemLine     = regexp.MustCompile(`^\s*gem\s*\(?\s*["']([\w.\-]+)["'](?:\s*,\s*["']([^"']+)["'])?(.*)`)
	gemGroup    = regexp.MustCompile(`^\s*group\s+(.+?)\s+do\b`)
	gemOpen     = regexp.MustCompile(`^\s*(?:if|unless|case|source|platforms?|install_if|git|path)\b.*$`)
	gemEnd      = regexp.MustCompile(`^\s*end\b`)
	gemLockSpec = regexp.MustCompile(`^    ([\w.\-]+) \(([^)]+)\)`)
)

func (d *Document) gemfile(src string) {
	var groups []bool // whether each open block is a development or test group
	for i, line := range strings.Split(src, "\n") {
		dev := false
		for _, g := range groups {
			dev = dev || g
		}
		if m := gemLine.FindStringSubmatch(line); m != nil {
			d.depend("rubygems", m[1], m[2], dev || devGroup(m[3]), false, Span{i + 1, i + 1})
			continue
		}
		switch m := gemGroup.FindStringSubmatch(line); {
		case m != nil:
			groups = append(groups, devGroup("group "+m[1]))
		case gemOpen.MatchString(line) && (strings.Contains(line, " do") || !strings.Contains(line, "\"")):
			groups = append(groups, false)
		case gemEnd.MatchString(line) && len(groups) > 0:
			groups = groups[:len(groups)-1]
		}
	}
}

func devGroup(s string) bool {
	return strings.Contains(s, "group") && (strings.Contains(s, "development") || strings.Contains(s, "test")) &&
		!strings.Contains(s, "production") && !strings.Contains(s, "default")
}

func (d *Document) gemfileLock(src string) {
	for i, line := range strings.Split(src, "\n") {
		if m := gemLockSpec.FindStringSubmatch(line); m != nil {
			d.depend("rubygems", m[1], m[2], false, true, Span{i + 1, i + 1})
		}
	}
}

func (d *Document) jsonDependencies(src, ecosystem string, sections map[string]bool) error {
	n, err := decodeJSON(src)
	if err != nil {
		return err
	}
	d.yaml = []*Node{n}
	d.settings = settingsOfNodes(d.yaml)
	for _, f := range n.Entries() {
		dev, ok := sections[f.Key]
		if !ok {
			continue
		}
		for _, p := range f.Value.Entries() {
			d.depend(ecosystem, p.Key, p.Value.Text(), dev, false, p.Span)
		}
	}
	return nil
}

var goRequire = regexp.MustCompile(`^(?:require\s+)?([\w.\-~/]+\.[\w.\-~/]+)\s+(v[\w.\-+]+)`)

func (d *Document) goMod(src string) {
	block := ""
	for i, line := range strings.Split(src, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasSuffix(line, "("):
			block = strings.TrimSpace(strings.TrimSuffix(line, "("))
			continue
		case line == ")":
			block = ""
			continue
		}
		if block != "require" && !strings.HasPrefix(line, "require ") {
			continue
		}
		if m := goRequire.FindStringSubmatch(line); m != nil {
			d.depend("go", m[1], m[2], false, false, Span{i + 1, i + 1})
			d.deps[len(d.deps)-1].Indirect = strings.HasSuffix(line, "// indirect")
		}
	}
}

var requirementLine = regexp.MustCompile(`^([A-Za-z0-9][\w.\-]*)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~]=?=?|@)[^;#]*)?`)

func (d *Document) requirements(src string) {
	dev := strings.Contains(path.Base(d.Path), "dev") || strings.Contains(path.Base(d.Path), "test")
	for i, line := range strings.Split(src, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == '-' {
			continue
		}
		if m := requirementLine.FindStringSubmatch(line); m != nil {
			d.depend("pypi", m[1], m[2], dev, strings.HasPrefix(m[2], "=="), Span{i + 1, i + 1})
		}
	}
}

var quoted = regexp.MustCompile(`"([^"\n]*)"|'([^'\n]*)'`)

// pyproject reads PEP 621 and Poetry tables, and a Pipfile.
func (d *Document) pyproject(src string) {
	d.parseTOML(src)
	for _, s := range d.settings.All {
		table, name, _ := cutLast(s.Key)
		switch {
		case s.Key == "project.dependencies" || strings.HasPrefix(s.Key, "project.optional-dependencies.") || strings.HasPrefix(s.Key, "dependency-groups."):
			dev := s.Key != "project.dependencies" && (strings.Contains(name, "dev") || strings.Contains(name, "test"))
			for j, line := range strings.Split(s.Value, "\n") {
				for _, q := range quoted.FindAllStringSubmatch(line, -1) {
					if m := requirementLine.FindStringSubmatch(strings.TrimSpace(q[1] + q[2])); m != nil {
						at := s.Span.Start + j
						d.depend("pypi", m[1], m[2], dev, false, Span{at, at})
					}
				}
			}
		case table == "tool.poetry.dependencies" || table == "packages":
			if name != "python" {
				d.depend("pypi", name, s.Value, false, false, s.Span)
			}
		case table == "tool.poetry.dev-dependencies" || table == "dev-packages" || strings.HasPrefix(table, "tool.poetry.group.") && strings.HasSuffix(table, ".dependencies"):
			d.depend("pypi", name, s.Value, true, false, s.Span)
		}
	}
}

func cutLast(key string) (before, last string, ok bool) {
	at := strings.LastIndexByte(key, '.')
	if at < 0 {
		return "", key, false
	}
	return key[:at], key[at+1:], true
}

// pom reads dependencies, plugins' parents and the parent of a Maven project. Properties used as
// versions are resolved within the file.
func (d *Document) pom(src string) error {
	dec := xml.NewDecoder(strings.NewReader(src))
	dec.Strict = false
	var stack []string
	props := map[string]string{}
	var cur map[string]string
	start := 0
	text := ""
	seen := false
	for {
		tok, err := dec.Token()
		if err != nil {
			if !seen {
				return errors.New("not an XML document")
			}
			break
		}
		line, _ := dec.InputPos()
		switch t := tok.(type) {
		case xml.StartElement:
			seen = true
			if len(stack) > MaxDepth {
				return ErrTooDeep
			}
			stack = append(stack, t.Name.Local)
			text = ""
			if t.Name.Local == "dependency" || (t.Name.Local == "parent" && len(stack) == 2) {
				cur, start = map[string]string{}, line
			}
		case xml.CharData:
			if text += string(t); len(text) > 4096 {
				text = text[:4096]
			}
		case xml.EndElement:
			if len(stack) == 0 {
				continue
			}
			stack = stack[:len(stack)-1]
			parent := ""
			if len(stack) > 0 {
				parent = stack[len(stack)-1]
			}
			value := strings.TrimSpace(text)
			text = ""
			switch {
			case parent == "properties":
				props[t.Name.Local] = value
			case cur != nil && (t.Name.Local == "dependency" || t.Name.Local == "parent" && len(stack) == 1):
				version := cur["version"]
				if strings.HasPrefix(version, "${") {
					if v, ok := props[strings.Trim(version, "${}")]; ok {
						version = v
					}
				}
				if cur["groupId"] != "" && cur["artifactId"] != "" {
					d.depend("maven", cur["groupId"]+":"+cur["artifactId"], version, cur["scope"] == "test", false, Span{start, line})
				}
				cur = nil
			case cur != nil && (parent == "dependency" || parent == "parent"):
				cur[t.Name.Local] = value
			}
		}
	}
	return nil
}

var (
	gradleShort  = regexp.MustCompile(`\b(\w+)\s*\(?\s*(?:platform\s*\(\s*)?["']([\w.\-]+):([\w.\-]+)(?::([^"'@]+))?[^"']*["']`)
	gradleLong   = regexp.MustCompile(`\b(\w+)\s*\(?\s*group\s*[:=]\s*["']([^"']+)["']\s*,\s*name\s*[:=]\s*["']([^"']+)["'](?:\s*,\s*version\s*[:=]\s*["']([^"']+)["'])?`)
	gradlePlugin = regexp.MustCompile(`\bid\s*\(?\s*["']([\w.\-]+)["']\s*\)?(?:\s*version\s*\(?\s*["']([^"']+)["'])?`)
)

func (d *Document) gradle(src string) {
	for i, line := range strings.Split(src, "\n") {
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "//") || len(t) > 2000 {
			continue
		}
		at := Span{i + 1, i + 1}
		if m := gradleLong.FindStringSubmatch(line); m != nil {
			d.depend("maven", m[2]+":"+m[3], m[4], strings.HasPrefix(m[1], "test"), false, at)
			continue
		}
		for _, m := range gradleShort.FindAllStringSubmatch(line, -1) {
			if gradleConfiguration(m[1]) {
				d.depend("maven", m[2]+":"+m[3], m[4], strings.HasPrefix(m[1], "test"), false, at)
			}
		}
		if m := gradlePlugin.FindStringSubmatch(line); m != nil {
			d.depend("maven", m[1], m[2], false, false, at)
		}
	}
}

func gradleConfiguration(word string) bool {
	for _, end := range []string{"mplementation", "api", "Api", "ompileOnly", "untimeOnly", "compile", "Compile", "runtime", "kapt", "annotationProcessor", "classpath", "platform", "mavenBom"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}
