package repair

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Spool keeps what a plan emits in a file of its own, so that memory does not grow with it: for a script,
// which is written when all of it is known, and for Apply. Its methods fit [New].
type Spool struct {
	file *os.File
	out  *bufio.Writer
}

// NewSpool makes a file in a folder; empty is the system's for temporary files. Only its owner can read it.
func NewSpool(folder string) (*Spool, error) {
	file, err := os.CreateTemp(folder, "napkin-repair-*")
	if err != nil {
		return nil, fmt.Errorf("keep statements of a repair: %w", err)
	}
	return &Spool{file, bufio.NewWriterSize(file, 1<<16)}, nil
}

// Records of the file: a byte for the kind, and texts.
const (
	recordStatement byte = 's' // SQL, Found
	recordSkipped   byte = 'n' // kind, schema, table, key, reason
)

func (s *Spool) record(kind byte, texts ...string) error {
	s.out.WriteByte(kind)
	for _, t := range texts {
		s.out.WriteString(string(binary.AppendUvarint(nil, uint64(len(t)))))
		s.out.WriteString(t)
	}
	// A writer keeps its first error.
	if _, err := s.out.Write(nil); err != nil {
		return fmt.Errorf("keep statements of a repair: %w", err)
	}
	return nil
}

// Emit keeps a statement.
func (s *Spool) Emit(st Statement) error { return s.record(recordStatement, st.SQL, st.Found) }

// Skip keeps a row that is not repaired.
func (s *Spool) Skip(row Skipped) error {
	return s.record(recordSkipped, string(rune('0'+row.Kind)), row.Table.Schema, row.Table.Name, row.Key, row.Reason)
}

// Statements are the texts of the statements in their order.
func (s *Spool) Statements() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := s.each(func(st Statement) error {
			if !yield(st.SQL, nil) {
				return errEnough
			}
			return nil
		}, func(Skipped) error { return nil })
		if err != nil && !errors.Is(err, errEnough) {
			yield("", err)
		}
	}
}

var errEnough = errors.New("enough")

// each reads the records in their order.
func (s *Spool) each(statement func(Statement) error, skipped func(Skipped) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("keep statements of a repair: %w", err)
	}
	end, err := s.file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("read the kept statements of a repair: %w", err)
	}
	in := bufio.NewReaderSize(io.NewSectionReader(s.file, 0, end), 1<<16)
	texts := func(n int) ([]string, error) {
		out := make([]string, n)
		for i := range out {
			size, err := binary.ReadUvarint(in)
			if err != nil {
				return nil, err
			}
			b := make([]byte, size)
			if _, err := io.ReadFull(in, b); err != nil {
				return nil, err
			}
			out[i] = string(b)
		}
		return out, nil
	}
	for {
		kind, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var t []string
		if err == nil {
			n := 2
			if kind == recordSkipped {
				n = 5
			}
			t, err = texts(n)
		}
		switch {
		case err != nil:
			return fmt.Errorf("read the kept statements of a repair: %w", err)
		case kind == recordStatement:
			err = statement(Statement{t[0], t[1]})
		default:
			err = skipped(Skipped{Kind: Kind(t[0][0] - '0'), Table: dialect.TableName{Schema: t[1], Name: t[2]}, Key: t[3], Reason: t[4]})
		}
		if err != nil {
			return err
		}
	}
}

// Close removes the file.
func (s *Spool) Close() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
