package rehearse

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// reach says what a statement would do outside its database, or nothing. Such a statement is not run: a rehearsal may
// make and drop databases of its own and nothing else. On a private server, which is thrown away, only what reaches the
// machine or the network counts; on a shared one also what belongs to all databases of the server.
//
// It reads the statement, the bodies of functions and blocks, and the strings in them. What puts a statement together
// from parts at run time escapes it: it guards against a migration that is careless, not against one that is hostile.
func reach(st *split.Statement, private bool) string {
	return (&reacher{private: private}).tokens(st.Tokens, false, 0)
}

type reacher struct {
	private bool
}

// Words of statements that belong to the whole server, behind CREATE, ALTER or DROP, and what they reach.
var wholeServer = map[string]string{
	"DATABASE": "it is about a database of the server", "ROLE": "it is about roles, which belong to the whole server",
	"USER": "it is about roles, which belong to the whole server", "GROUP": "it is about roles, which belong to the whole server",
}

// outside are objects that reach the machine or the network, so that they are not made on a private server either.
var outside = map[string]string{
	"TABLESPACE": "it uses a folder of the server's machine", "SUBSCRIPTION": "it connects the server to another one",
	"SYSTEM": "it changes the configuration of the server",
}

// reachingExtensions bring functions that reach the machine or the network, beside the languages that end in u.
var reachingExtensions = map[string]bool{
	"dblink": true, "postgres_fdw": true, "file_fdw": true, "adminpack": true, "mysql_fdw": true, "oracle_fdw": true, "tds_fdw": true, "http": true, "pg_net": true,
	"pg_cron": true, "pg_background": true, "plsh": true, "aws_s3": true, "pglogical": true, "pg_file_settings": true, "pageinspect": true,
}

// reachingFunctions end sessions, read or write files of the server, or act on all of it. A name that ends in * stands for all that
// begin so.
var reachingFunctions = []string{
	"pg_terminate_backend", "pg_cancel_backend", "dblink*", "pg_create_physical_replication_slot", "pg_create_logical_replication_slot",
	"pg_copy_physical_replication_slot", "pg_copy_logical_replication_slot", "pg_drop_replication_slot", "pg_replication_slot_advance", "pg_replication_origin_*",
	"pg_logical_slot_*", "pg_read_file", "pg_read_binary_file", "pg_file_*", "pg_ls_dir", "pg_ls_*", "pg_stat_file", "lo_import", "lo_export", "pg_reload_conf", "pg_rotate_logfile*",
	"pg_promote", "pg_switch_wal", "pg_start_backup", "pg_stop_backup", "pg_backup_*", "pg_create_restore_point", "pg_wal_replay_*", "pg_hba_file_rules",
}

func reachingFunction(name string) bool {
	name = strings.ToLower(name)
	for _, f := range reachingFunctions {
		if start, many := strings.CutSuffix(f, "*"); name == f || many && strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// deepest bounds how deep strings in strings are read.
const deepest = 4

// tokens looks at a statement, or with inner at the text of a body, in which a statement may begin at any word.
func (r *reacher) tokens(all []sqltoken.Token, inner bool, depth int) string {
	code := inner
	for i := range all {
		c := sqltoken.Cursor{Tokens: all, Pos: i}
		t := c.Peek(0)
		begins := i == 0 || inner
		switch {
		case begins && (t.Is("CREATE") || t.Is("ALTER") || t.Is("DROP")):
			c.Pos++
			if why := r.object(&c); why != "" {
				return why
			}
			code = code || c.Is("FUNCTION") || c.Is("PROCEDURE")
		case begins && t.Is("COPY"):
			if why := copies(&c, inner); why != "" {
				return why
			}
		case begins && t.Is("LOAD") && c.Peek(1).Kind == sqltoken.String:
			return "it loads a library into the server"
		case i == 0 && t.Is("DO"):
			code = true
		case i == 0 && !r.private && (t.Is("GRANT") || t.Is("REVOKE")):
			if why := grants(&c); why != "" {
				return why
			}
		case i == 0 && !r.private && (c.Is("REASSIGN", "OWNED") || c.Is("COMMENT", "ON", "DATABASE") || c.Is("COMMENT", "ON", "ROLE") || c.Is("COMMENT", "ON", "TABLESPACE")):
			return "it is about what belongs to the whole server"
		case t.Is("LANGUAGE") && untrusted(c.Peek(1)):
			return "it is written in " + strings.ToLower(c.Peek(1).Value()) + ", a language in which code can do all that the server's account can"
		case (t.Kind == sqltoken.Word || t.Kind == sqltoken.Quoted) && c.Peek(1).Op("(") && reachingFunction(t.Value()):
			return "it calls " + strings.ToLower(t.Value()) + ", which reaches beyond its database"
		}
	}
	if !code || depth == deepest {
		return ""
	}
	for i := range all {
		if all[i].Kind != sqltoken.String {
			continue
		}
		if why := r.tokens(lex(all[i].Value()), true, depth+1); why != "" {
			return "in its code " + why
		}
	}
	return ""
}

// object looks at what stands behind CREATE, ALTER or DROP.
func (r *reacher) object(c *sqltoken.Cursor) string {
	c.Accept("OR", "REPLACE")
	word := strings.ToUpper(c.Peek(0).Text)
	if why := outside[word]; why != "" {
		return why
	}
	switch {
	case word == "USER" && c.Peek(1).Is("MAPPING"):
		return ""
	case wholeServer[word] != "" && !r.private:
		return wholeServer[word]
	case word == "OWNED" && !r.private:
		return "it also takes a role's rights on what belongs to the whole server"
	case word == "TRUSTED", word == "PROCEDURAL", word == "LANGUAGE":
		for n := range 3 {
			if c.Peek(n).Is("LANGUAGE") {
				return "it is about a language of the server"
			}
		}
	case word == "EXTENSION":
		at := 1
		for c.Peek(at).Is("IF") || c.Peek(at).Is("NOT") || c.Peek(at).Is("EXISTS") {
			at++
		}
		name := strings.ToLower(c.Peek(at).Value())
		if reachingExtensions[name] || strings.HasPrefix(name, "pl") && strings.HasSuffix(name, "u") {
			return "the extension " + name + " reaches the machine or the network"
		}
	}
	return ""
}

// copies looks at COPY: only the client's stream is within the database. In a body FROM may belong to a query behind it,
// so that there a string must follow.
func copies(c *sqltoken.Cursor, inner bool) string {
	for depth := 0; !c.Done(); c.Pos++ {
		t := c.Peek(0)
		switch {
		case t.Op("("):
			depth++
		case t.Op(")"):
			depth--
		case t.Op(";") && inner:
			return ""
		case depth == 0 && (t.Is("TO") || t.Is("FROM")):
			if c.Peek(1).Is("PROGRAM") {
				return "it runs a program on the server's machine"
			}
			if c.Peek(1).Kind == sqltoken.String {
				if t.Is("TO") {
					return "it writes a file on the server's machine"
				}
				return "it reads a file of the server's machine"
			}
		}
	}
	return ""
}

// grants looks at GRANT and REVOKE: of roles, and on what belongs to the whole server.
func grants(c *sqltoken.Cursor) string {
	for ; !c.Done(); c.Pos++ {
		if c.Accept("ON") {
			if c.IsAny("DATABASE", "TABLESPACE", "PARAMETER") {
				return "it is about rights on what belongs to the whole server"
			}
			return ""
		}
	}
	return "it is about roles, which belong to the whole server"
}

// untrusted says whether code in a language can do all that the server's account can.
func untrusted(name *sqltoken.Token) bool {
	if name.Kind != sqltoken.Word && name.Kind != sqltoken.Quoted && name.Kind != sqltoken.String {
		return false
	}
	n := strings.ToLower(name.Value())
	return n == "c" || n == "internal" || n == "plsh" || strings.HasPrefix(n, "pl") && strings.HasSuffix(n, "u")
}

// lex cuts a text into tokens.
func lex(text string) []sqltoken.Token {
	l := sqltoken.New(text, 0, len(text), 1, sqltoken.Options{Dialect: sqltoken.PostgreSQL})
	var all []sqltoken.Token
	for {
		t := l.Next()
		if t.Kind == sqltoken.EOF || len(all) >= split.MaxTokens {
			return all
		}
		all = append(all, t)
	}
}

// guard keeps statements that reach outside their database from being run.
func (r *rehearsal) guard(all []*group) []*group {
	for _, g := range all {
		for _, s := range g.steps {
			if s.skip != "" {
				continue
			}
			if why := reach(s.at, r.ground.private != nil); why != "" {
				s.skip = "it is not run in a rehearsal, because " + why
				s.refused = true
			}
		}
	}
	return all
}
