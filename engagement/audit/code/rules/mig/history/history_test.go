package history

import (
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
	if first, _ := recentFrom(&db); first != 0 {
		t.Errorf("the newest ten begin at %d, want 0", first)
	}
	for range 10 {
		db.Migrations = append(db.Migrations, schema.Migration{Path: "m/20240302000000_x.sql"})
	}
	if first, _ := recentFrom(&db); first != 2 {
		t.Errorf("the last twelve months begin at %d, want 2 (2023-06-01)", first)
	}
}
