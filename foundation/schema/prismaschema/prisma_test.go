package prismaschema

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/schema"
)

const blog = `// A comment with { and "quotes"
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

generator client {
  provider = "prisma-client-js"
}

enum Role {
  USER // the default
  ADMIN @map("admin")

  @@map("roles")
}

/// A person.
model User {
  id      String   @id @default(cuid())
  email   String   @unique @db.VarChar(255)
  role    Role     @default(USER)
  posts   Post[]
  drafts  Post[]   @relation("drafts")
  boss    User?    @relation("boss", fields: [bossId], references: [id])
  bossId  String?  @map("boss_id")
  reports User[]   @relation("boss")
  tags    Tag[]
  data    Json?
  seen    DateTime @updatedAt
  names   String[]

  @@map("users")
}

model Post {
  id        Int    @id @default(autoincrement())
  author    User   @relation(fields: [authorId], references: [id], onDelete: Cascade, map: "fk_author")
  authorId  String
  drafter   User?  @relation("drafts", fields: [drafterId], references: [id])
  drafterId String?
  title     String
  createdAt DateTime @default(now())

  @@unique([authorId, title], map: "uq")
  @@index([createdAt(sort: Desc), title(ops: raw("gin_trgm_ops"))], type: Gin)
  @@index(fields: [
    drafterId, // why
    createdAt(sort: Desc),
  ])
}

model Tag {
  a     String
  b     BigInt
  users User[]

  @@id([a, b])
}
`

func parse(t *testing.T, text string) *Document {
	t.Helper()
	doc, problems := Parse(File{"schema.prisma", []byte(text)})
	if len(problems) > 0 {
		t.Fatalf("unexpected problems: %v", problems)
	}
	return doc
}

func TestModels(t *testing.T) {
	doc := parse(t, blog)
	if doc.Dialect != schema.Postgres || len(doc.Models) != 3 || len(doc.Enums) != 1 {
		t.Fatalf("got %s, %d models, %d enums", doc.Dialect, len(doc.Models), len(doc.Enums))
	}
	if e := doc.Enum("Role"); !reflect.DeepEqual(e.Values, []string{"USER", "ADMIN"}) || e.Table != "roles" {
		t.Errorf("enum: got %+v", e)
	}
	user, post := doc.Model("User"), doc.Model("Post")
	if user.Table != "users" || user.Place.Line != 19 || user.Place.EndLine != 34 {
		t.Errorf("User: table %s, lines %d to %d", user.Table, user.Place.Line, user.Place.EndLine)
	}
	author := post.Field("author")
	if r := author.Relation; r == nil || r.Model != "User" || r.OnDelete != "cascade" || r.Map != "fk_author" || !reflect.DeepEqual(r.Fields, []string{"authorId"}) || r.Inverse != user.Field("posts") || author.Place.Line != 38 {
		t.Errorf("Post.author: got %+v at %d", author.Relation, author.Place.Line)
	}
	if r := user.Field("drafts").Relation; r.Inverse != post.Field("drafter") || !r.Many {
		t.Errorf("User.drafts: got %+v", r)
	}
	if r := user.Field("boss").Relation; r.Inverse != user.Field("reports") {
		t.Errorf("User.boss: the other end of a relation to itself is %+v", r.Inverse)
	}
	if f := user.Field("email"); !f.Unique || f.Native != "VarChar(255)" || f.Relation != nil {
		t.Errorf("User.email: got %+v", f)
	}
	if f := user.Field("role"); f.Relation != nil || f.Default != "USER" {
		t.Errorf("User.role: got %+v", f)
	}
	if !reflect.DeepEqual(doc.Model("Tag").ID, []string{"a", "b"}) {
		t.Errorf("Tag: id %v", doc.Model("Tag").ID)
	}
}

func TestSchema(t *testing.T) {
	doc := parse(t, blog)
	s := doc.Schema()
	if got, want := strings.Join(s.Names(), " "), "_tagtouser post tag users"; got != want {
		t.Fatalf("tables: got %s, want %s", got, want)
	}
	users, post := s.Table("users"), s.Table("Post")
	if c := users.Column("boss_id"); c == nil || c.NotNull || c.Type.Name != "text" {
		t.Errorf("users.boss_id: got %+v", c)
	}
	for column, want := range map[string]string{"email": "varchar", "role": "enum", "data": "jsonb", "seen": "timestamp", "names": "text"} {
		if c := users.Column(column); c == nil || c.Type.Name != want {
			t.Errorf("users.%s: got %+v, want the type %s", column, c, want)
		}
	}
	if users.Column("posts") != nil || users.Column("boss") != nil {
		t.Error("relations became columns of users")
	}
	if !post.Column("id").AutoIncrement || !users.Column("names").Type.Array {
		t.Error("autoincrement or a list was lost")
	}
	var missing []string
	for _, name := range s.Names() {
		for _, fk := range s.Tables[name].UnindexedForeignKeys(doc.Dialect) {
			missing = append(missing, fk.Name)
		}
	}
	if got, want := strings.Join(missing, " "), "users_boss_id_fkey"; got != want {
		t.Errorf("unindexed foreign keys: got %s, want %s", got, want)
	}
	gin := post.Indexes[2]
	if gin.Method != "gin" || gin.Columns[1].OpClass != "gin_trgm_ops" || !gin.Columns[0].Desc {
		t.Errorf("the GIN index of Post: got %+v", gin)
	}
	if list := post.IndexForList([]string{"drafterId"}, []schema.IndexColumn{{Name: "createdAt", Desc: true}}); list == nil || list.Place.Line != 47 || list.Place.EndLine != 50 || list.Name != "Post_drafterId_createdAt_idx" {
		t.Errorf("the index of four lines: got %+v", list)
	}
	join := s.Table("_TagToUser")
	if len(join.IndexesLeading("A")) != 1 || len(join.IndexesLeading("B")) != 1 || join.ForeignKeys[1].RefTable != "users" {
		t.Errorf("the table of the many-to-many relation: got %+v", join)
	}
}

func TestRelationModePrismaHasNoForeignKeys(t *testing.T) {
	doc := parse(t, `datasource db {
  provider = "mysql"
  relationMode = "prisma"
}
model A {
  id Int @id
  b B @relation(fields: [bId], references: [id])
  bId Int
}
model B {
  id Int @id
  as A[]
}`)
	keys := doc.Schema().Table("A").UnindexedForeignKeys(schema.MySQL)
	if len(keys) != 1 || keys[0].Enforced || keys[0].Place.Line != 7 {
		t.Errorf("got %v, want the relation b without a constraint", keys)
	}
}

func TestSeveralFiles(t *testing.T) {
	doc, problems := Parse(File{"a.prisma", []byte("model A {\n  id Int @id\n  bId Int\n  b B @relation(fields: [bId], references: [id])\n  k K\n}")},
		File{"b.prisma", []byte("datasource db {\n provider = \"sqlite\"\n}\nmodel B {\n  id Int @id\n  a A[]\n}\nenum K {\n  X\n}")})
	if len(problems) > 0 || doc.Dialect != schema.SQLite {
		t.Fatalf("got %v and %q", problems, doc.Dialect)
	}
	if f := doc.Model("A").Field("b"); f.Relation == nil || f.Relation.Inverse == nil || f.Relation.Inverse.Place.Path != "b.prisma" {
		t.Errorf("the relation across files: got %+v", f.Relation)
	}
	if doc.Model("A").Field("k").Relation != nil {
		t.Error("an enumeration became a relation")
	}
}

func TestProblems(t *testing.T) {
	doc, problems := Parse(File{"s.prisma", []byte("model A {\n  id\n  b Int @id\n  @@index()\n}\nmodel B\nmodel C {\n  id Int @id")})
	if len(problems) != 4 || doc.Model("C") == nil || doc.Model("A").Field("b") == nil {
		t.Errorf("got %v and models %v", problems, doc.Models)
	}
}

func TestHostileTextIsReadInLinearTime(t *testing.T) {
	n := 200_000
	for name, text := range map[string]string{
		"brackets": "model A { a Int @x(" + strings.Repeat("[(", n), "fields": "model A {\n" + strings.Repeat("a B\n", n/4), "comments": strings.Repeat("/* /*", n), "quotes": strings.Repeat("\"", n),
		"ats": "model A {\n" + strings.Repeat("@@", n), "models": strings.Repeat("model A {\n b B @relation(\"x\")\n}\n", n/20),
	} {
		start := time.Now()
		Parse(File{"s.prisma", []byte(text)})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(text))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(blog))
	f.Add([]byte("model A { id Int @id @@index([a(sort: Desc)]) } enum B { C } type D { e Unsupported(\"x\") }"))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, _ := Parse(File{"s.prisma", text})
		lines := strings.Count(string(text), "\n") + 1
		for _, m := range doc.Models {
			if m.Place.Line < 1 || m.Place.EndLine < m.Place.Line || m.Place.EndLine > lines {
				t.Errorf("%s stands at lines %d to %d of %d", m.Name, m.Place.Line, m.Place.EndLine, lines)
			}
		}
		doc.Schema()
	})
}
