package liquibase_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/liquibase"
)

const master = `<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">
  <property name="key" value="BIGINT" dbms="postgresql"/>
  <property name="key" value="NUMBER" dbms="oracle"/>
  <include file="parts/2_rooms.xml" relativeToChangelogFile="true"/>
  <include file="db/changelog/parts/1_guests.yaml"/>
  <includeAll path="db/extra"/>
</databaseChangeLog>`

const rooms = `<?xml version="1.1" encoding="UTF-8" standalone="no"?><databaseChangeLog>
  <changeSet id="1" author="a">
    <createTable tableName="rooms">
      <column name="id" type="${key}" autoIncrement="true">
        <constraints primaryKey="true" primaryKeyName="rooms_pk"/>
      </column>
      <column name="house_id" type="BIGINT"><constraints nullable="false"/></column>
      <column name="code" type="java.sql.Types.VARCHAR(20)"><constraints unique="true"/></column>
    </createTable>
  </changeSet>
  <changeSet id="2" author="a">
    <createIndex indexName="rooms_house" tableName="rooms">
      <column name="house_id"/>
      <column name="code" descending="true"/>
    </createIndex>
    <rollback><dropTable tableName="rooms"/></rollback>
  </changeSet>
  <changeSet id="3" author="a" dbms="oracle"><dropTable tableName="rooms"/></changeSet>
  <changeSet id="4" author="a" context="test"><dropTable tableName="rooms"/></changeSet>
  <changeSet id="5" author="a">
    <sql dbms="postgresql"><![CDATA[
      CREATE INDEX rooms_code ON rooms (code);
    ]]></sql>
    <sql dbms="oracle">DROP TABLE rooms</sql>
  </changeSet>
</databaseChangeLog>`

const guests = `databaseChangeLog:
  - changeSet:
      id: 1
      author: a
      changes:
        - createTable:
            tableName: guests
            columns:
              - column:
                  name: id
                  type: bigint
                  constraints:
                    primaryKey: true
              - column:
                  name: room_id
                  type: bigint
                  constraints:
                    nullable: false
                    references: rooms(id)
                    foreignKeyName: guests_room
  - changeSet:
      id: 2
      author: a
      preConditions:
        - onFail: MARK_RAN
        - not:
            - indexExists:
                indexName: guests_room_idx
      changes:
        - createIndex:
            tableName: guests
            indexName: guests_room_idx
            columns:
              - column:
                  name: room_id
        - renameColumn: {tableName: guests, oldColumnName: room_id, newColumnName: chamber_id}
`

const extra = `--liquibase formatted sql

--changeset a:1 dbms:postgresql
CREATE TABLE bills (id bigint PRIMARY KEY, guest_id bigint);
--rollback DROP TABLE bills;

--changeset a:2 dbms:oracle
DROP TABLE bills;

--changeset a:3
CREATE INDEX bills_guest ON bills (guest_id);
`

func hotel() []liquibase.File {
	return []liquibase.File{
		{Path: "core/src/main/resources/db/changelog/master.xml", Text: []byte(master)},
		{Path: "core/src/main/resources/db/changelog/parts/2_rooms.xml", Text: []byte(rooms)},
		{Path: "guests/src/main/resources/db/changelog/parts/1_guests.yaml", Text: []byte(guests)},
		{Path: "core/src/main/resources/db/extra/bills.sql", Text: []byte(extra)},
		{Path: "core/pom.xml", Text: []byte("<project/>")},
	}
}

func TestRead(t *testing.T) {
	logs := liquibase.Read(hotel(), schema.Unknown)
	if len(logs) != 1 {
		t.Fatalf("%d changelogs, want 1: %+v", len(logs), logs)
	}
	log := logs[0]
	if len(log.Problems) > 0 {
		t.Errorf("problems: %v", log.Problems)
	}
	if log.Dialect != schema.Postgres {
		t.Errorf("dialect = %q", log.Dialect)
	}
	var files []string
	for _, f := range log.Files {
		files = append(files, f[strings.LastIndexByte(f, '/')+1:])
	}
	if got := strings.Join(files, " "); got != "master.xml 2_rooms.xml 1_guests.yaml bills.sql" {
		t.Errorf("files = %s", got)
	}
	s := schema.Fold(log.Migrations, log.Dialect)
	if len(s.Notes) > 0 || len(s.Conflicts) > 0 {
		t.Errorf("notes %v, conflicts %v", s.Notes, s.Conflicts)
	}
	r := s.Table("rooms")
	if r == nil || len(r.Columns) != 3 {
		t.Fatalf("rooms = %+v", r)
	}
	if c := r.Column("id"); c.Type.Name != "bigint" || !c.AutoIncrement || c.Place.Line != 4 || c.Place.EndLine != 6 {
		t.Errorf("id = %+v", c)
	}
	if c := r.Column("code"); c.Type.Name != "varchar" || c.Type.Size != 20 || c.NotNull {
		t.Errorf("code = %+v", c)
	}
	if ix := r.Index("rooms_house"); ix == nil || len(ix.Columns) != 2 || !ix.Columns[1].Desc || ix.Place.Line != 12 || ix.Place.EndLine != 15 {
		t.Errorf("rooms_house = %+v", ix)
	}
	if ix := r.Index("rooms_code"); ix == nil || ix.Place.Line != 22 {
		t.Errorf("rooms_code = %+v", ix)
	}
	if !r.HasIndexPrefix([]string{"code"}) || r.PrimaryKey[0] != "id" {
		t.Errorf("keys of rooms: %v %v", r.PrimaryKey, r.Indexes)
	}
	g := s.Table("guests")
	if g == nil || g.Column("chamber_id") == nil || !g.HasIndexPrefix([]string{"chamber_id"}) {
		t.Fatalf("guests = %+v", g)
	}
	if fk := g.ForeignKeys[0]; fk.Name != "guests_room" || fk.RefTable != "rooms" || fk.RefColumns[0] != "id" || fk.Columns[0] != "chamber_id" {
		t.Errorf("foreign key = %+v", fk)
	}
	if b := s.Table("bills"); b == nil || b.Index("bills_guest") == nil || b.Index("bills_guest").Place.Line != 11 {
		t.Errorf("bills = %+v", b)
	}
}

func TestChanges(t *testing.T) {
	for name, c := range map[string]struct {
		xml  string
		want string
	}{
		"add column":   {`<addColumn tableName="a"><column name="c" type="int"><constraints references="b(id)" foreignKeyName="f"/></column></addColumn>`, "add column a; add foreign key a"},
		"drop columns": {`<dropColumn tableName="a"><column name="x"/><column name="y"/></dropColumn>`, "drop column a x; drop column a y"},
		"rename":       {`<renameTable oldTableName="a" newTableName="b"/>`, "rename table a"},
		"drop index":   {`<dropIndex tableName="a" indexName="i"/>`, "drop index a i"},
		"unique":       {`<addUniqueConstraint tableName="a" columnNames="x, y"/>`, "add unique a"},
		"drop unique":  {`<dropUniqueConstraint tableName="a" constraintName="u"/>`, "drop constraint a u"},
		"drop key":     {`<dropForeignKeyConstraint baseTableName="a" constraintName="u"/>`, "drop foreign key a u"},
		"primary":      {`<addPrimaryKey tableName="a" columnNames="x"/>`, "add primary key a"},
		"type":         {`<modifyDataType tableName="a" columnName="x" newDataType="bigint"/>`, "change column a x"},
		"rows":         {`<insert tableName="a"><column name="x" value="1"/></insert><tagDatabase tag="t"/>`, ""},
	} {
		logs := liquibase.Read([]liquibase.File{{Path: "c.xml", Text: []byte(`<databaseChangeLog><changeSet id="1" author="a">` + c.xml + `</changeSet></databaseChangeLog>`)}}, schema.Postgres)
		var got []string
		for _, m := range logs[0].Migrations {
			for _, op := range m.Ops {
				got = append(got, strings.TrimSpace(string(op.Kind)+" "+op.Table+" "+op.Name))
			}
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

func TestHostile(t *testing.T) {
	for name, text := range map[string]string{
		"depth":    "<databaseChangeLog>" + strings.Repeat("<a>", 10_000),
		"entities": `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><databaseChangeLog><changeSet id="&b;"/></databaseChangeLog>`,
		"cut":      `<databaseChangeLog><changeSet id="1"><createTable tableName="a">`,
		"crossed":  `<databaseChangeLog><changeSet></databaseChangeLog></changeSet>`,
	} {
		logs := liquibase.Read([]liquibase.File{{Path: "c.xml", Text: []byte(text)}}, schema.Unknown)
		if len(logs) != 1 || len(logs[0].Problems) != 1 || !logs[0].Problems[0].Fatal {
			t.Errorf("%s: %+v", name, logs)
		}
	}
	// Properties that name themselves, and files that include each other.
	logs := liquibase.Read([]liquibase.File{
		{Path: "a.xml", Text: []byte(`<databaseChangeLog><property name="x" value="${x}${x}"/><include file="b.xml"/><changeSet id="1" author="a"><dropTable tableName="${x}"/></changeSet></databaseChangeLog>`)},
		{Path: "b.xml", Text: []byte(`<databaseChangeLog><include file="a.xml"/></databaseChangeLog>`)},
	}, schema.Unknown)
	if len(logs) != 1 || len(logs[0].Files) != 2 {
		t.Errorf("a circle: %+v", logs)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range hotel() {
		f.Add(file.Path, file.Text)
	}
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		files := append(hotel(), liquibase.File{Path: name, Text: text})
		lines := strings.Count(string(text), "\n") + 1
		for _, log := range liquibase.Read(files, schema.Unknown) {
			for _, m := range log.Migrations {
				for _, op := range m.Ops {
					if op.Place.Path == name && m.Path == name && (op.Place.Line < 1 || op.Place.EndLine < op.Place.Line || op.Place.Line > lines+1) {
						t.Errorf("place %+v of %d lines", op.Place, lines)
					}
				}
			}
			schema.Fold(log.Migrations, log.Dialect)
		}
	})
}
