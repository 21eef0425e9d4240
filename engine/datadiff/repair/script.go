package repair

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Script writes statements to a file that a person reviews and runs. Its methods fit [New]: give it Emit
// and Skip, and Close it with the summary of Finish.
type Script struct {
	file    io.WriteSeeker
	out     *bufio.Writer
	kind    dialect.Kind
	countAt int64
}

// countWidth is the room for the line of counts, which is known only at the end.
const countWidth = 160

// Begins of a transaction, with the settings that the literals are written for.
var begins = map[dialect.Kind]string{
	dialect.Postgres: "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nSET TimeZone = 'UTC';\nSET DateStyle = 'ISO, YMD';\nSET IntervalStyle = 'postgres';\nBEGIN;\n",
	dialect.MySQL:    "SET NAMES utf8mb4;\nSET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION', time_zone = '+00:00';\nSTART TRANSACTION;\n",
	dialect.SQLite:   "PRAGMA foreign_keys = ON;\nBEGIN IMMEDIATE;\n",
}

// NewScript begins a script at the start of a file. source and target name the databases for a person,
// without passwords.
func NewScript(file io.WriteSeeker, kind dialect.Kind, source, target string) (*Script, error) {
	s := &Script{file: file, out: bufio.NewWriterSize(file, 1<<16), kind: kind}
	head := "-- Makes the rows of\n--   " + comment(target) + "\n-- those of\n--   " + comment(source) + "\n"
	s.countAt = int64(len(head))
	head += pad("-- INCOMPLETE: writing this file was interrupted; do not run it.")
	head += "--\n-- Review before applying. Each statement changes exactly one row; where one changes none, the target\n" +
		"-- is no longer what was compared: ROLLBACK, and compare again.\n\n"
	_, err := s.out.WriteString(head + begins[kind])
	return s, err
}

func pad(line string) string { return line + strings.Repeat(" ", max(countWidth-len(line), 0)) + "\n" }

// comment keeps a text on one line.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// Emit writes a statement.
func (s *Script) Emit(sql string) error {
	_, err := s.out.WriteString(sql + ";\n")
	return err
}

// Skip writes a comment about a row that is not repaired.
func (s *Script) Skip(row Skipped) error {
	_, err := s.out.WriteString("-- NOT REPAIRED: " + row.Kind.String() + " " + comment(row.Table.String()+" "+row.Key+": "+row.Reason) + "\n")
	return err
}

// Close ends the transaction and writes the counts into the head. It does not close the file.
func (s *Script) Close(sum Summary) error {
	s.out.WriteString("COMMIT;\n")
	for _, n := range sum.Notes {
		s.out.WriteString("-- Note: " + comment(n) + "\n")
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(s.countAt, io.SeekStart); err != nil {
		return err
	}
	line := fmt.Sprintf("-- %d statements: %d rows inserted, %d updated, %d deleted (%d in two steps); %d not repaired", sum.Statements, sum.Inserts, sum.Updates, sum.Deletes, sum.Parked, sum.Skipped)
	if _, err := io.WriteString(s.file, pad(line)); err != nil {
		return err
	}
	_, err := s.file.Seek(0, io.SeekEnd)
	return err
}
