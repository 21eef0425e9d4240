package cardinality_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

const shop = `
create table schema_migrations (version text primary key);
create table countries (id bigint primary key, name text);
create table plans (id bigint primary key);
create table tenants (id bigint primary key, plan_id bigint references plans);
create table users (id bigint primary key, tenant_id bigint references tenants);
create table user_profiles (user_id bigint primary key references users, bio text);
create table addresses (id bigint primary key, user_id bigint unique references users);
create table user_roles (id bigint primary key, user_id bigint references users, role_id bigint);
create table basins (id bigint primary key, country_id bigint references countries);
create table gauges (id bigint primary key, basin_id bigint references basins);
create table floods (id bigint primary key, basin_id bigint references basins);
create table dams (id bigint primary key, basin_id bigint references basins, parent_id bigint references dams);
create table gauge_readings (id bigint primary key, gauge_id bigint references gauges);
create table store_credit_reasons (id bigint primary key, name text);
create table nodes (id bigint primary key, country_id bigint references countries);
create table node_plan (id bigint primary key, node_id bigint references nodes, plan_id bigint references plans);
create table tenant_preferences (id bigint primary key, colour text);
create table workspaces (id bigint primary key, tenant_preferences_id bigint unique references tenant_preferences);
create table api_tokens (id bigint primary key, user_id bigint references users);
create table parcels (id bigint primary key, user_id bigint references users);
create table oauth_authorization_codes (id bigint primary key, user_id bigint references users);
create table password_reset_tokens (id bigint primary key, parcel_id bigint references parcels);
create table drafts (id bigint primary key, parcel_id bigint references parcels);
create table refresh_tokens (id bigint primary key, user_id bigint references users);
create table coupon_codes (id bigint primary key, parcel_id bigint references parcels);
create table object_types (id bigint primary key, name text);
create table ping (id bigint primary key references pong);
create table pong (id bigint primary key references ping);
`

func TestTable(t *testing.T) {
	ops, problems := sqlddl.ParseDDL("schema.sql", []byte(shop), schema.Postgres)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := schema.Fold([]schema.Migration{{Path: "schema.sql", Ops: ops}}, schema.Postgres)
	g := cardinality.Of(&project.Project{Schemas: []*project.Database{{Schema: s}}})
	for _, c := range []struct {
		table string
		rows  float64
		why   string
	}{
		{"schema_migrations", 100, "a tool"},
		{"countries", 200, "by hand"},
		{"public.Countries", 200, "by hand"},
		{"tenants", 1e4, "owners"},
		{"users", 1e5, "people"},
		{"user_profiles", 1e5, "one row for each row of users"}, // the key is the primary key
		{"addresses", 1e5, "one row for each row of users"},     // the key is unique
		{"user_roles", 1e6, "about ten for each row of users"},  // no list: it belongs to users
		{"basins", 1e4, "three tables belong to it"},            // only by its shape
		{"gauges", 1e6, "like any other"},
		{"dams", 1e6, "like any other"},
		{"gauge_readings", 1e7, "events"},
		{"store_credit_reasons", 200, "by hand"},
		{"nodes", 200, "by hand"},
		{"node_plan", 800, "pairs of lists"},
		{"tenant_preferences", 1e4, "one row for each row of workspaces"}, // the key lies on the other side
		{"api_tokens", 1e4, "secrets"},
		{"oauth_authorization_codes", 1e4, "when they are used"},
		{"password_reset_tokens", 1e4, "when they are used"}, // although parcels grow
		{"drafts", 1e4, "a few for each owner"},
		{"refresh_tokens", 1e6, "like any other"},
		{"coupon_codes", 1e6, "like any other"},
		{"object_types", 200, "kinds of rows"},
		{"ping", 1e6, "one row for each row of pong"}, // a cycle ends
		{"not_in_the_schema_logs", 1e7, "events"},
	} {
		got := g.Table(c.table)
		if got.Rows != c.rows || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s: %g rows, %q; want %g, %q", c.table, got.Rows, got.Why, c.rows, c.why)
		}
		if got.Few() != (c.rows < cardinality.Handful) {
			t.Errorf("%s: Few() is %v at %g rows", c.table, got.Few(), got.Rows)
		}
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"user_id": "user id", "userId": "user id", "PreviousReleaseId": "previous release id", "HTTPServer": "http server",
		`"public"."UserID"`: "public user id", "sp_rollout_group": "sp rollout group", "": "", "ID": "id",
	} {
		if got := strings.Join(cardinality.Words(in), " "); got != want {
			t.Errorf("Words(%q) = %q, want %q", in, got, want)
		}
	}
}
