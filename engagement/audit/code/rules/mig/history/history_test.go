package history

import (
	"path"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
)

func TestDateOf(t *testing.T) {
	for name, want := range map[string]string{
		"db/migrate/20240115080000_add_x.rb":                              "2024-01-15",
		"prisma/migrations/20251001161539_x/migration.sql":                "2025-10-01",
		"database/migrations/2024_05_02_120000_create_x.php":              "2024-05-02",
		"src/main/resources/db/migration/V20240115__x.sql":                "2024-01-15",
		"atc/db/migration/migrations/1666754000_add_invalid_since.up.sql": "2022-10-26",
		"src/migration/1700000000000-AddX.ts":                             "2023-11-14",
		"migrations/0002_price_events.up.sql":                             "",
		"app/migrations/0001_initial.py":                                  "",
	} {
		got := ""
		if d := dateOf(name); !d.IsZero() {
			got = d.Format("2006-01-02")
		}
		if got != want {
			t.Errorf("dateOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestRecentFrom(t *testing.T) {
	var db project.Database
	for _, v := range []string{"20200101", "20210101", "20230601", "20240101", "20240301"} {
		db.Migrations = append(db.Migrations, schema.Migration{Path: "m/" + v + "000000_x.sql"})
	}
	if first, _ := recentFrom(&project.Project{}, &db); first != 0 {
		t.Errorf("the newest ten begin at %d, want 0", first)
	}
	for range 10 {
		db.Migrations = append(db.Migrations, schema.Migration{Path: "m/20240302000000_x.sql"})
	}
	if first, _ := recentFrom(&project.Project{}, &db); first != 2 {
		t.Errorf("the last twelve months begin at %d, want 2 (2023-06-01)", first)
	}
}

func TestChangeable(t *testing.T) {
	log := func(text string) *project.File {
		return project.NewFile("CHANGELOG.md", "markdown", project.Docs, []byte(text))
	}
	gem := project.NewFile("shop.gemspec", "ruby", project.App, nil)
	for _, c := range []struct {
		name  string
		paths string
		files []*project.File
		want  string // of the paths, x for each that can be changed
	}{
		{"the newest three", "m/20200101_a m/20210101_b m/20220101_c m/20230101_d", nil, ".xxx"},
		{"a fortnight", "m/20240101_a m/20240220_b m/20240222_c m/20240224_d m/20240226_e m/20240301_f", nil, ".xxxxx"},
		{"numbered", "m/0001_a m/0002_b m/0003_c m/0004_d m/0005_e", nil, "..xxx"},
		{"numbered in two applications", "shop/migrations/0001_a user/migrations/0001_b shop/migrations/0002_c", nil, "..."},
		{"undated among dated ones", "m/0001_a m/20200101_b m/20210101_c m/20220101_d m/0002_e", nil, ".xxx."},
		{"shipped", "m/20230101_a m/20240101_b m/20240301_c", []*project.File{log("# Changes\n\n## Unreleased\n\n## v2.1.0 (2024-02-01)\n\n## 2.0.0 - 2023-05-01\n")}, "..x"},
		{"a change log without dates", "m/20230101_a m/20240101_b", []*project.File{log("## 2.0.0\n")}, "xx"},
		{"a gem", "db/migrate/20230101_a db/migrate/20240101_b", []*project.File{gem}, ".."},
		{"a gem with a change log", "db/migrate/20230101_a db/migrate/20240101_b", []*project.File{gem, log("## Shop v1.0.0 (2023-06-01)")}, ".x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var db project.Database
			for _, p := range strings.Fields(c.paths) {
				m := schema.Migration{Path: p + ".sql"}
				if app, _, ok := strings.Cut(p, "/migrations/"); ok {
					m.ID = app + "." + path.Base(p)
				}
				db.Migrations = append(db.Migrations, m)
			}
			p := &project.Project{Files: c.files}
			_, dates := recentFrom(p, &db)
			got := ""
			for _, ok := range changeable(p, &db, dates) {
				got += map[bool]string{true: "x", false: "."}[ok]
			}
			if got != c.want {
				t.Errorf("changeable: %s, want %s", got, c.want)
			}
		})
	}
}
