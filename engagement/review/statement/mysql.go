package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// mysqlPart reads the parts of an ALTER TABLE that only MySQL and MariaDB have.
func (a *tablePart) mysqlPart() {
	c := &a.c
	switch {
	case c.Accept("MODIFY"):
		c.Accept("COLUMN")
		c.Accept("IF", "EXISTS")
		if col := c.column(); col != nil && col.Type.Raw != "" {
			x := a.one(Modify)
			x.Name, x.Column = col.Name, col
			return
		}
		a.unknown()
	case c.Accept("CHANGE"):
		c.Accept("COLUMN")
		c.Accept("IF", "EXISTS")
		old := c.ident()
		if col := c.column(); old != "" && col != nil && col.Type.Raw != "" {
			x := a.one(Modify)
			x.Name, x.Column = old, col
			if col.Name != old {
				x.NewName = col.Name
			}
			return
		}
		a.unknown()
	case c.Accept("CONVERT", "TO"):
		c.Accept("CHARACTER")
		c.Accept("SET")
		c.Accept("CHARSET")
		a.one(ConvertCharset).NewName = strings.ToLower(c.ident())
	case c.Is("CONVERT", "PARTITION"), c.Is("CONVERT", "TABLE"):
		a.one(Partitioning).Option = "convert"
	case c.Is("FORCE"):
		a.one(Rebuild).Option = "force"
	case c.IsAny("ALGORITHM", "LOCK"):
		// Clauses of the whole statement, see parser.clauses.
	case c.Is("ORDER", "BY"):
		a.one(TableOption).Option = "order by"
	case c.IsAny("DISCARD", "IMPORT"):
		a.one(Tablespace).Option = strings.ToLower(c.Peek(0).Text)
	case c.Is("PARTITION", "BY"):
		a.one(Partitioning).Option = "by"
	case c.Is("REMOVE", "PARTITIONING"):
		a.one(Partitioning).Option = "remove"
	case c.IsAny("REORGANIZE", "COALESCE", "EXCHANGE", "TRUNCATE", "REBUILD", "OPTIMIZE", "ANALYZE", "CHECK", "REPAIR") && c.Peek(1).Is("PARTITION"):
		x := a.one(Partitioning)
		x.Option = strings.ToLower(c.Peek(0).Text)
		for x.Option == "exchange" && !c.Done() {
			if c.Pos++; c.Is("WITHOUT", "VALIDATION") {
				x.Option = "exchange without validation"
			}
		}
	default:
		a.options()
	}
}

// mysqlOptions are the options of a table that ALTER TABLE changes, each followed by a value.
var mysqlOptions = map[string]bool{
	"engine": true, "auto_increment": true, "comment": true, "row_format": true, "key_block_size": true, "charset": true, "collate": true, "stats_persistent": true,
	"stats_auto_recalc": true, "stats_sample_pages": true, "compression": true, "encryption": true, "tablespace": true, "max_rows": true, "min_rows": true, "avg_row_length": true,
	"checksum": true, "page_compressed": true, "page_compression_level": true, "encrypted": true, "pack_keys": true, "delay_key_write": true, "insert_method": true, "page_checksum": true, "transactional": true,
	"data directory": true, "index directory": true, "default charset": true, "default character set": true, "character set": true, "default collate": true,
}

// options reads table options, of which several may stand without commas between them.
func (a *tablePart) options() {
	c := &a.c
	found := false
	for !c.Done() {
		name := strings.ToLower(c.Peek(0).Text)
		words := 1
		for n := 2; n <= 3; n++ {
			joined := name
			for k := 1; k < n; k++ {
				joined += " " + strings.ToLower(c.Peek(k).Text)
			}
			if mysqlOptions[joined] {
				name, words = joined, n
			}
		}
		if c.Peek(0).Kind != sqltoken.Word || !mysqlOptions[name] {
			break
		}
		c.Pos += words
		c.AcceptOp("=")
		value := strings.ToLower(c.Peek(0).Value())
		c.Pos++
		found = true
		if name == "engine" {
			x := a.one(Rebuild)
			x.Option, x.NewName = "engine", value
			continue
		}
		x := a.one(TableOption)
		x.Option, x.NewName = name, value
	}
	if !found || !c.Done() {
		a.unknown()
	}
}

// mysqlIndex reads [FULLTEXT | SPATIAL] {INDEX | KEY} [name] [USING m] (keys). It returns nil, with the
// cursor unmoved, when the tokens define a column.
func (c *cursor) mysqlIndex() *Index {
	start := c.Pos
	ix := &Index{}
	if c.Accept("FULLTEXT") {
		ix.Method = "fulltext"
	} else if c.Accept("SPATIAL") {
		ix.Method = "spatial"
	}
	c.AcceptAny("INDEX", "KEY")
	c.Accept("IF", "NOT", "EXISTS")
	if c.isName() && !c.Is("USING") {
		ix.Name = c.ident()
	}
	if c.Accept("USING") {
		ix.Method = strings.ToLower(c.ident())
	}
	if !c.Peek(0).Op("(") {
		c.Pos = start
		return nil
	}
	c.indexKeys(ix, c.Parens())
	ix.Rest = c.Tokens[min(c.Pos, len(c.Tokens)):]
	return ix
}

// renameTables reads MySQL's RENAME TABLE a TO b, c TO d.
func (p *parser) renameTables() {
	p.Pos = 1
	if !p.Accept("TABLE") && !p.Accept("TABLES") {
		p.unrecognised("this RENAME")
		return
	}
	p.Accept("IF", "EXISTS")
	for {
		old := p.name()
		if old == "" || !p.Accept("TO") {
			p.unrecognised("this RENAME TABLE")
			return
		}
		p.add(RenameTable, old).NewName = p.name()
		if !p.AcceptOp(",") {
			return
		}
	}
}
