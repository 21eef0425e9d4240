package django_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/django"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/foundation/schema"
)

const settings = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}\nAUTH_USER_MODEL = 'shop.User'\n"

// describe writes the columns and indexes of a table.
func describe(t *schema.Table) string {
	if t == nil {
		return "none"
	}
	var cols, ixs []string
	for _, c := range t.Columns {
		cols = append(cols, c.Name+" "+c.Type.Name)
	}
	for _, ix := range t.Indexes {
		if ix.Primary {
			continue
		}
		var keys []string
		for _, k := range ix.Columns {
			keys = append(keys, k.Name+k.Expr)
		}
		s := strings.Join(keys, "+")
		if ix.Unique {
			s += " unique"
		}
		if ix.Where != "" {
			s += " where " + ix.Where
		}
		ixs = append(ixs, s)
	}
	return strings.Join(cols, ", ") + " | " + strings.Join(ixs, ", ")
}

func TestMigrations(t *testing.T) {
	head := "from django.conf import settings\nfrom django.db import migrations, models\nfrom django.contrib.postgres.operations import AddIndexConcurrently\n\n\nclass Migration(migrations.Migration):\n"
	first := head + `    dependencies = []
    operations = [
        migrations.CreateModel(
            name="User",
            fields=[("id", models.UUIDField(primary_key=True)), ("email", models.CharField(max_length=100, unique=True))],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("user", models.ForeignKey(to=settings.AUTH_USER_MODEL, on_delete=models.CASCADE)),
                ("parent", models.ForeignKey(db_index=False, null=True, to="shop.Order", on_delete=models.CASCADE)),
                ("state", models.CharField(db_index=True, max_length=20)),
                ("tags", models.ManyToManyField(to="shop.Tag")),
            ],
            options={"unique_together": {("user", "state")}},
        ),
        migrations.CreateModel(name="Tag", fields=[("name", models.SlugField())], options={"db_table": "labels"}),
    ]
`
	cases := []struct{ name, operations, table, want string }{
		{"as created", "", "shop_order", "id bigint, user_id uuid, parent_id bigint, state varchar | user_id, state, user_id+state unique"},
		{"many to many", "", "shop_order_tags", "id bigint, order_id bigint, tag_id bigint | order_id, tag_id, order_id+tag_id unique"},
		{"own table", "", "labels", "id bigint, name varchar | name"},
		{"add and remove", `migrations.AddField("order", "note", models.TextField(default="")), migrations.RemoveField(model_name="order", name="state")`, "shop_order",
			"id bigint, user_id uuid, parent_id bigint, note text | user_id"},
		{"alter away an index", `migrations.AlterField(model_name="order", name="state", field=models.CharField(max_length=30))`, "shop_order",
			"id bigint, user_id uuid, parent_id bigint, state varchar | user_id, user_id+state unique"},
		{"rename", `migrations.RenameField("order", "user", "buyer"), migrations.RenameModel("Order", "Purchase")`, "shop_purchase",
			"id bigint, buyer_id uuid, parent_id bigint, state varchar | buyer_id, state, buyer_id+state unique"},
		{"unique together", `migrations.AlterUniqueTogether(name="order", unique_together=set())`, "shop_order",
			"id bigint, user_id uuid, parent_id bigint, state varchar | user_id, state"},
		{"indexes", `AddIndexConcurrently("order", models.Index(fields=["-state", "user"], name="a", condition=models.Q(state="x"))), migrations.AddConstraint(model_name="order", constraint=models.UniqueConstraint(fields=["parent"], name="b"))`, "shop_order",
			"id bigint, user_id uuid, parent_id bigint, state varchar | user_id, state, user_id+state unique, state+user_id where state = 'x', parent_id unique"},
		{"an index that goes again", `migrations.AddIndex("order", models.Index(fields=["state", "user"], name="a")), migrations.RemoveIndex("order", "a")`, "shop_order",
			"id bigint, user_id uuid, parent_id bigint, state varchar | user_id, state, user_id+state unique"},
		{"SQL", `migrations.RunSQL("CREATE INDEX extra ON shop_order (parent_id)", "DROP INDEX extra")`, "shop_order",
			"id bigint, user_id uuid, parent_id bigint, state varchar | user_id, state, user_id+state unique, parent_id"},
		{"state and database apart", `migrations.SeparateDatabaseAndState(database_operations=[migrations.RunSQL("ALTER TABLE shop_order DROP COLUMN state")], state_operations=[migrations.RemoveField("order", "state")])`, "shop_order",
			"id bigint, user_id uuid, parent_id bigint | user_id"},
		{"deleted", `migrations.DeleteModel("Order")`, "shop_order", "none"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			second := head + "    dependencies = [(\"shop\", \"0002_first\")]\n    operations = [" + c.operations + "]\n"
			p := load.FromFiles(map[string]string{
				"manage.py": "", "site/settings.py": settings,
				"shop/models.py":                models + "\n\nclass Later(models.Model):\n    text = models.TextField()\n",
				"shop/migrations/0002_first.py": first, "shop/migrations/0001_second.py": second,
			})
			dbs := django.New().Schemas(p)
			if len(dbs) != 1 || dbs[0].Schema.Dialect != schema.Postgres {
				t.Fatalf("got %d databases", len(dbs))
			}
			if got := describe(dbs[0].Schema.Table(c.table)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestModelsWithoutMigrations(t *testing.T) {
	p := load.FromFiles(map[string]string{"manage.py": "", "shop/models.py": models})
	dbs := django.New().Schemas(p)
	if len(dbs) != 1 {
		t.Fatalf("got %d databases", len(dbs))
	}
	want := "id bigint, user_id bigint, state varchar, created_by_id bigint | user_id, created_by_id"
	if got := describe(dbs[0].Schema.Table("shop_order")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if dbs[0].Schema.Table("shop_base") != nil {
		t.Error("an abstract model has no table")
	}
}

func TestMissingDependenciesAreNamed(t *testing.T) {
	migration := func(dependencies string) string {
		return "from django.db import migrations, models\n\nclass Migration(migrations.Migration):\n    dependencies = [" + dependencies + "]\n    operations = [migrations.CreateModel(name='Book', fields=[('id', models.AutoField(primary_key=True))])]\n"
	}
	for name, c := range map[string]struct{ dependencies, want string }{
		"missing":           {`("books", "0001_initial")`, "1 of the migrations' dependencies could not be found (books/migrations/0002_more.py follows books.0001_initial)"},
		"of a package":      {`("auth", "0012_alter_user")`, ""},
		"whatever is first": {`("books", "__first__")`, ""},
	} {
		p := load.FromFiles(map[string]string{"manage.py": "", "books/models.py": "", "books/migrations/0002_more.py": migration(c.dependencies)})
		var notes []string
		for _, db := range django.New().Schemas(p) {
			notes = append(notes, db.Schema.Conflicts...)
		}
		if got := strings.Join(notes, "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The primary key moves to another column, which then takes the old one's name: a look-up by it is
// served, as today's model says too.
func TestPrimaryKeyMoves(t *testing.T) {
	head := "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
	p := load.FromFiles(map[string]string{
		"manage.py": "", "site/settings.py": settings,
		"shop/models.py":                "from django.db import models\n\n\nclass Order(models.Model):\n    id = models.UUIDField(primary_key=True)\n    number = models.IntegerField(unique=True)\n    state = models.CharField(max_length=9, db_index=True)\n    note = models.TextField()\n\n    class Meta:\n        indexes = [models.Index(fields=[\"state\", \"number\"], name=\"a\")]\n",
		"shop/migrations/0001_first.py": head + "    dependencies = []\n    operations = [migrations.CreateModel(name=\"Order\", fields=[(\"id\", models.AutoField(primary_key=True)), (\"token\", models.UUIDField(unique=True)), (\"number\", models.IntegerField()), (\"state\", models.CharField(max_length=9)), (\"note\", models.TextField())])]\n",
		"shop/migrations/0002_key.py": head + `    dependencies = [("shop", "0001_first")]
    operations = [
        migrations.RemoveField(model_name="order", name="id"),
        migrations.AlterField(model_name="order", name="token", field=models.UUIDField(primary_key=True, unique=True)),
        migrations.RenameField(model_name="order", old_name="token", new_name="id"),
    ]
`,
	})
	fw := django.New()
	dbs := fw.Schemas(p)
	orders := dbs[0].Schema.Table("shop_order")
	if got := strings.Join(orders.PrimaryKey, ","); got != "id" || !orders.HasIndexPrefix([]string{"id"}) {
		t.Fatalf("primary key %q of %s", got, describe(orders))
	}
	ix := flow.NewIndex(p)
	fw.Index(ix)
	fw.CodeForeignKeys(ix, dbs)
	for _, columns := range [][]string{{"number"}, {"state"}, {"state", "number"}} {
		if !orders.HasIndexPrefix(columns) {
			t.Errorf("the model's index on %v, which no migration makes, does not count", columns)
		}
	}
	if orders.HasIndexPrefix([]string{"note"}) {
		t.Error("note has an index")
	}
}
