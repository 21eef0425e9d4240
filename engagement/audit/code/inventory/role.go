package inventory

import (
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Classifier tells the role of a file from its path. It knows all paths of the tree, because what a
// folder called "vendor" is depends on whether a manifest stands beside it.
//
// The order of the questions matters and is the order of Role: third-party and generated code first,
// because a test of somebody else's library is somebody else's; then tests and documentation; then
// what the file does in this code base.
type Classifier struct {
	manifests map[string]bool // folders that hold a package manifest; "." is the root
}

var manifestNames = map[string]bool{
	"package.json": true, "go.mod": true, "gemfile": true, "composer.json": true, "pom.xml": true, "build.gradle": true,
	"build.gradle.kts": true, "pyproject.toml": true, "setup.py": true, "requirements.txt": true, "cargo.toml": true,
	"manage.py": true, "pipfile": true,
}

// NewClassifier makes a classifier for the tree with these paths.
func NewClassifier(paths []string) *Classifier {
	c := &Classifier{manifests: map[string]bool{".": true}}
	for _, p := range paths {
		if manifestNames[strings.ToLower(path.Base(p))] {
			c.manifests[path.Dir(p)] = true
		}
	}
	return c
}

// pattern is a regular expression over names, asked only where one of the words stands without which it
// can not match. Every file of the tree is asked.
type pattern struct {
	words *syntax.Words
	re    *regexp.Regexp
}

func (p pattern) MatchString(s string) bool { return p.words.In(s) && p.re.MatchString(s) }

// location is a path prepared for the questions below.
type location struct {
	lower string   // whole path, lower case
	dirs  []string // folders, lower case
	base  string   // file name as written
	name  string   // file name, lower case
	ext   string   // ".rb"
	lang  string
	pkg   int // number of leading folders up to the innermost manifest
}

// Role returns what the file at p is for. language is what package lang says of the path.
func (c *Classifier) Role(p, language string) project.Role {
	l := location{lower: strings.ToLower(p), base: path.Base(p), lang: language}
	l.name = strings.ToLower(l.base)
	l.ext = path.Ext(l.name)
	if d := path.Dir(l.lower); d != "." {
		l.dirs = strings.Split(d, "/")
	}
	original := strings.Split(p, "/")
	for i := len(original) - 1; i > 0; i-- {
		if c.manifests[strings.Join(original[:i], "/")] {
			l.pkg = i
			break
		}
	}
	switch {
	case c.vendored(&l, original):
		return project.Vendored
	case generatedPath(&l):
		return project.Generated
	case testPath(&l):
		return project.Test
	case docsPath(&l):
		return project.Docs
	case migrationPath(&l):
		return project.Migration
	case seedPath(&l):
		return project.Seed
	case templatePath(&l):
		return project.Template
	case configLangs[language]:
		if l.atTop(exampleDirs) || l.within(".github", ".gitlab", ".circleci", ".devcontainer") || strings.HasPrefix(l.name, ".gitlab-ci") {
			return project.Script
		}
		return project.Config
	case scriptPath(&l):
		return project.Script
	}
	return project.App
}

var configLangs = map[string]bool{
	"dockerfile": true, "yaml": true, "terraform": true, "nginx": true, "conf": true, "toml": true, "json": true,
	"xml": true, "properties": true, "env": true, "procfile": true,
}

// has reports whether any folder of the path has one of the names.
func (l *location) has(names map[string]bool) bool {
	for _, d := range l.dirs {
		if names[d] {
			return true
		}
	}
	return false
}

// within reports whether any folder has the name.
func (l *location) within(names ...string) bool {
	for _, d := range l.dirs {
		for _, n := range names {
			if d == n {
				return true
			}
		}
	}
	return false
}

// atTop reports whether one of the names is the first folder of the tree or of the package (the
// folder of the innermost manifest or any above it) that the file belongs to. Deeper down such names
// are the domain's: app/services/tools is the application.
func (l *location) atTop(names map[string]bool) bool {
	for i, d := range l.dirs {
		if i > l.pkg && i > 0 {
			break
		}
		if names[d] {
			return true
		}
	}
	return false
}

// follows reports whether folder name stands somewhere behind folder before.
func (l *location) follows(before, name string) bool {
	seen := false
	for _, d := range l.dirs {
		if seen && d == name {
			return true
		}
		seen = seen || d == before
	}
	return false
}

var (
	vendoredDirs = set("node_modules", "third_party", "third-party", "thirdparty", "bower_components", "jspm_packages", ".yarn",
		"site-packages", "carthage", "godeps", "_vendor", ".bundle", "vendored")
	assetDirs = set("public", "static", "assets", "webroot", "wwwroot")
	libDirs   = set("lib", "libs", "vendor", "vendors", "plugins", "plugin", "packs", "build", "dist", "js", "javascripts", "assets")
)

func (c *Classifier) vendored(l *location, original []string) bool {
	if l.has(vendoredDirs) {
		return true
	}
	for i, d := range l.dirs {
		parent := "."
		if i > 0 {
			parent = strings.Join(original[:i], "/")
		}
		switch {
		case d == "vendor" && original[i] == "vendor" && c.manifests[parent]:
			// A marketplace has vendors: only beside a manifest is it the package manager's folder.
			return true
		case assetDirs[d] && (l.ext == ".js" || l.ext == ".mjs" || l.ext == ".css"):
			// Served as it lies. Scripts of libraries end up here; a TypeScript source does not.
			if i+1 < len(l.dirs) && libDirs[l.dirs[i+1]] && d != "assets" {
				return true
			}
			if c.manifests[parent] && d == "public" {
				return true
			}
			if i+1 < len(l.dirs) && (l.dirs[i+1] == "vendor" || l.dirs[i+1] == "vendors") {
				return true
			}
		}
	}
	return false
}

var (
	generatedDirs  = set("__generated__", "generated", ".next", ".nuxt", "zz_generated", "gen-go", "gen_py")
	builtDirs      = set("dist", "target", "coverage", ".output", "storybook-static")
	generatedNames = pattern{syntax.NewWords(".pb.", "_pb", ".gen.", "_gen.", ".generated.", "min.", ".bundle.js", ".d.ts", "bindata.go", "zz_generated", ".snap", ".map"),
		regexp.MustCompile(`(\.pb\.(go|cc|h|gw\.go)|_pb2(_grpc)?\.pyi?|_pb\.(js|ts|rb|d\.ts)|\.gen\.(go|ts|tsx|js|py)|_gen\.go|\.generated\.(go|ts|tsx|js|java|py|rb)|[.-]min\.(js|mjs|css)|\.bundle\.js|\.d\.ts|^bindata\.go|^zz_generated.*\.go|^wire_gen\.go|\.snap|\.map)$`)}
	lockNames = set("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "composer.lock", "gemfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "cargo.lock", "go.sum", "bun.lockb", "bun.lock", "flake.lock", "buf.lock")
)

func generatedPath(l *location) bool {
	return l.has(generatedDirs) || l.atTop(builtDirs) || generatedNames.MatchString(l.name) || lockNames[l.name]
}

var (
	testDirs = set("test", "tests", "spec", "specs", "__tests__", "__test__", "__e2e__", "__mocks__", "__fixtures__", "__snapshots__",
		"testdata", "test-data", "test_data", "fixtures", "mocks", "cypress", "e2e", "e2e-tests", "playwright", "testing", "testutil",
		"testutils", "test-utils", "test_utils", "testhelper", "testhelpers", "test-helpers", "integration-tests",
		"integration_tests", "integration-test", "inttest", "functional-tests", "acceptance-tests", "load-tests", "loadtest",
		"testkit", "testfixtures", "androidtest", "integrationtest", "functionaltest", "it-tests", "testcases")
	testNames = pattern{syntax.NewWords("test", "spec", "stor", "cy", "e2e", "mock", "fixture", "bench", "factories", "rails_helper", "fake_", "jest", "karma", "playwright", "codeception", "phpunit", "pest.php", "compose", "dockerfile"),
		regexp.MustCompile(`(^test_.*\.py|_test\.(go|py|rb|js|ts|tsx|php|exs)|_spec\.(rb|js|ts)|_tests\.py|^tests\.py|^conftest\.py|^factories\.py|\.(test|spec|stories|story|cy|e2e|e2e-spec|mock|mocks|fixture|fixtures|bench)\.([cm]?[jt]sx?|py|rb)|^spec_helper\.rb|^rails_helper\.rb|^test_helper\.rb|^mock_.*\.go|_mock(s)?\.go|^fake_.*\.go|^(jest|vitest|karma|playwright|cypress|phpunit|codeception)[.-].*|^phpunit\.xml(\.dist)?|^setuptests?\.[jt]sx?|^pest\.php|^(docker-)?compose[.-](test|tests|testing|ci|e2e)\.ya?ml|^dockerfile[.-](test|tests|testing|ci|e2e))$`)}
	// Class names tell in Java and PHP, and need their capitals.
	testClasses = pattern{syntax.NewWords("test", "spec", "cest", "it.java", "it.kt", "it.groovy", "itcase"),
		regexp.MustCompile(`((Test|Tests|TestCase|TestBase|IT|ITCase|Spec|TestConfiguration|TestUtils?)\.(java|kt|groovy)|(Test|TestCase|Cest|Spec)\.php)$`)}
	testPrefix = pattern{syntax.NewWords("test"),
		regexp.MustCompile(`^Test[A-Z0-9].*\.(java|kt)$`)} // too common a word for src/main
	// goTestFolder are packages for tests to use: testdb, testserver, testenv. Folders are words of one name in Go.
	goTestFolder = regexp.MustCompile(`^test(s|er|ers)?_?(db|env|fixtures?|harness|helpers?|infra|kit|lib|net|rig|server|services?|setup|suite|support|tools?|utils?|vectors?)$`)
	// railsParts are the folders of app/ in which a folder called "test" or "specs" is the domain's.
	railsParts = set("models", "controllers", "views", "services", "jobs", "helpers", "mailers", "serializers", "graphql", "workers", "http")
)

func testPath(l *location) bool {
	if testNames.MatchString(l.name) || testClasses.MatchString(l.base) {
		return true
	}
	for i, d := range l.dirs {
		switch {
		case d == "main" && i > 0 && l.dirs[i-1] == "src" && javaLike(l):
			return false // Maven and Gradle keep tests in src/test: below src/main a "test" package is the application's
		case railsParts[d] && i > 0 && l.dirs[i-1] == "app" && (l.lang == "ruby" || l.lang == "php" || l.lang == "erb" || l.lang == "haml" || l.lang == "blade"):
			return false
		case testDirs[d], strings.HasSuffix(d, "-tests") || strings.HasSuffix(d, "_tests"), strings.HasSuffix(d, "-test") && l.lang == "java":
			return true
		case l.lang == "go" && goTestFolder.MatchString(d):
			return true
		case d == "factories" && i > 0 && (l.dirs[i-1] == "database" || l.dirs[i-1] == "db"):
			return true
		case d == "features" && l.ext == ".feature":
			return true
		}
	}
	return testPrefix.MatchString(l.base)
}

func javaLike(l *location) bool {
	switch l.ext {
	case ".java", ".kt", ".sql", ".xml", ".yml", ".yaml", ".properties", ".html":
		return true
	}
	return false
}

var docsDirs = set("doc", "docs", "documentation", "rfcs", "adr", "changelog", "changelogs")

func docsPath(l *location) bool {
	switch l.ext {
	case ".md", ".mdx", ".rst", ".adoc", ".asciidoc", ".markdown":
		return true
	case ".txt":
		return l.lang == "" && l.name != "requirements.txt"
	}
	if l.atTop(docsDirs) {
		return true
	}
	return len(l.dirs) > 1 && l.dirs[0] == "apps" && docsDirs[l.dirs[1]]
}

var (
	migrationDirs  = set("migrate", "post_migrate", "migrations", "migration", "postgres_migrations", "mysql_migrations", "changelog", "changelogs", "flyway", "liquibase", "drizzle", "changesets")
	railsMigration = pattern{syntax.NewWords("db/"),
		regexp.MustCompile(`(^|/)db/([a-z0-9_]*migrat(e|ions)|data)/[^/]*\d{8,}_[^/]*\.rb$`)}
	flywayName = pattern{syntax.NewWords("__"),
		regexp.MustCompile(`^[VURB]\d[\d._]*__.*\.(sql|java)$`)}
	numberedName = regexp.MustCompile(`^[vV]?\d{3,}[_.-]`)
)

// migrationPath recognises the migrations of the frameworks that package schema folds, and SQL: a
// file of SQL in a code base is a schema, a change of it, or a query that belongs to neither.
func migrationPath(l *location) bool {
	if railsMigration.MatchString(l.lower) || flywayName.MatchString(l.base) {
		return true
	}
	last := ""
	if n := len(l.dirs); n > 0 {
		last = l.dirs[n-1]
	}
	switch l.lang {
	case "prisma":
		return true
	case "ruby":
		return (l.name == "schema.rb" || strings.HasSuffix(l.name, "_schema.rb")) && last == "db"
	case "sql":
		return !seedName.MatchString(l.name) && !l.within("queries", "query", "seeds", "seeders", "seed")
	case "python":
		return last == "migrations" || (last == "versions" && (l.within("alembic", "migrations") || strings.Contains(l.lower, "alembic") || strings.Contains(l.lower, "migration")))
	case "php":
		return l.follows("database", "migrations") || last == "migrations" || numberedName.MatchString(l.name) && l.has(migrationDirs)
	case "typescript", "javascript", "tsx":
		return l.has(migrationDirs) && l.name != "index.ts" && l.name != "index.js"
	case "go":
		return numberedName.MatchString(l.name) && l.has(migrationDirs) || last == "migrations"
	case "java":
		return strings.Contains(l.lower, "db/migration/")
	case "xml", "yaml", "json":
		return l.follows("db", "changelog") || l.within("liquibase") || strings.Contains(l.name, "changelog")
	}
	return false
}

var (
	seedDirs = set("seeds", "seed", "seeders", "seeder", "demo_data", "demo-data", "sample_data", "sample-data", "sampledata", "dummy_data", "fake_data", "initial_data")
	seedName = pattern{syntax.NewWords("seed", "populate", "demo", "sample", "dummy", "fake", "mock", "random", "initial"),
		regexp.MustCompile(`(^|[_.-])(seeds?|seeder|populate[a-z]*|demo_?data|sample_?data|dummy_?data|fake_?data|mock_?data|random_?data|initial_?data)([_.-]|$)`)}
)

func seedPath(l *location) bool {
	return l.has(seedDirs) || seedName.MatchString(l.name) || strings.HasSuffix(l.base, "Seeder.php") ||
		(l.name == "data.sql" || strings.HasPrefix(l.name, "data-")) && l.lang == "sql"
}

func templatePath(l *location) bool {
	switch l.lang {
	case "erb", "haml", "slim", "jinja", "blade", "html":
		return true
	}
	return (l.ext == ".jbuilder" || l.ext == ".builder" || l.ext == ".rabl") && l.follows("app", "views")
}

var (
	exampleDirs = set("example", "examples", "sample", "samples", "demo", "demos", "dev", "hack", "contrib", "playground", "sandbox", "devtools", "local", "tutorial", "tutorials", "starter")
	scriptDirs  = set("bin", "script", "scripts", "tools", "tool", "hack", "benchmark", "benchmarks", "bench", "perf", "ci", ".github", ".circleci", ".buildkite", "misc", "build", "release", "packaging")
	scriptNames = pattern{syntax.NewWords(".rake", "rakefile", "fabfile", "setup.py", "manage.py", "noxfile", "tasks.py", "gulpfile", "gruntfile", "dangerfile", "capfile", "guardfile", "vagrantfile", "gemfile", ".gemspec", "magefile", ".config.", ".eslintrc", ".prettierrc", "artisan", ".sh", ".bash", ".zsh", ".ps1", ".bat"),
		regexp.MustCompile(`(\.rake|^rakefile|^fabfile\.py|^setup\.py|^manage\.py|^noxfile\.py|^tasks\.py|^gulpfile\.[cm]?[jt]s|^gruntfile\.[cm]?js|^dangerfile|^capfile|^guardfile|^vagrantfile|^gemfile|\.gemspec|^magefile\.go|\.config\.[cm]?[jt]s|^\.eslintrc\.[cm]?js|^\.prettierrc\.[cm]?js|^artisan|\.(sh|bash|zsh|ps1|bat))$`)}
)

func scriptPath(l *location) bool {
	// Celery keeps its jobs in tasks.py; only at the top of a package is it an invoke file.
	if l.name == "tasks.py" && len(l.dirs) > 0 {
		return false
	}
	return l.atTop(exampleDirs) || l.atTop(scriptDirs) || scriptNames.MatchString(l.name) ||
		l.follows("management", "commands") || l.follows("console", "commands")
}

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
