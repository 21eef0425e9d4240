package datadiff

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

func testJournal(t *testing.T, tasks int) (path string, h header) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "run.journal")
	h = header{A: "a", B: "b", Columns: []string{"id"}, Key: 1, Plan: Stream, Bounds: [][]byte{canon.AppendInt(nil, 5)}, Task: 1}
	j, err := createJournal(path, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range tasks {
		key := canon.AppendInt(nil, int64(i))
		records := appendDifference(nil, Difference{Kind: OnlyA, Key: key, A: append(key, canon.AppendText(nil, "x")...)})
		records = appendOrphan(records, 1, append(key, byte(canon.Null)), len(key))
		if err := j.finish(records, taskDone{Task: uint64(i), Rows: [2]uint64{uint64(10 + i), 3}, Bytes: [2]uint64{7, 8}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(false); err != nil {
		t.Fatal(err)
	}
	return path, h
}

func accept(header) error { return nil }

func reopen(t *testing.T, path string) (tasks, differences, orphans int) {
	t.Helper()
	j, res, err := openJournal(path, accept, func(side int, cells []byte, key int) error {
		orphans++
		if side != 1 || key != 9 || len(cells) != 10 {
			t.Errorf("orphan of side %d, key %d, %d bytes", side, key, len(cells))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.each(func(d Difference) error {
		differences++
		if d.Kind != OnlyA || d.B != nil || len(d.A) <= len(d.Key) {
			t.Errorf("difference %+v", d)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(false); err != nil {
		t.Fatal(err)
	}
	return len(res.done), differences, orphans
}

// A journal that was cut off anywhere gives back whole tasks and nothing else.
func TestJournalCutOffAnywhere(t *testing.T) {
	path, _ := testJournal(t, 3)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := testJournal(t, 0)
	start, err := os.ReadFile(empty)
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for n := len(start); n <= len(whole); n++ {
		cut := filepath.Join(t.TempDir(), "cut")
		if err := os.WriteFile(cut, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		tasks, differences, orphans := reopen(t, cut)
		if tasks != differences || tasks != orphans || tasks < last {
			t.Fatalf("cut at %d of %d: %d tasks, %d differences, %d orphans", n, len(whole), tasks, differences, orphans)
		}
		last = tasks
	}
	if last != 3 {
		t.Errorf("the whole journal holds %d tasks, want 3", last)
	}
}

func TestJournalRefusesWhatIsNotItsOwn(t *testing.T) {
	path, _ := testJournal(t, 2)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":              "",
		"another file":       "SQLite format 3\x00 and so on and so on",
		"no header":          journalMagic,
		"a damaged header":   journalMagic + strings.Replace(string(whole[len(journalMagic):]), `"A"`, `"X"`, 1),
		"an enormous record": journalMagic + "H\xff\xff\xff\xff\x7f",
	} {
		file := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := openJournal(file, accept, nil); !errors.Is(err, ErrJournal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refuse := fmt.Errorf("other tables: %w", ErrJournal)
	if _, _, err := openJournal(path, func(header) error { return refuse }, nil); !errors.Is(err, ErrJournal) {
		t.Errorf("a journal of other tables: %v", err)
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte{'T', 6, 0, 1, 2, 3, 4, 0})
	f.Fuzz(func(t *testing.T, tail []byte) {
		path, _ := testJournal(t, 1)
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(tail); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		j, res, err := openJournal(path, accept, func(int, []byte, int) error { return nil })
		if err != nil {
			return
		}
		defer j.Close(true)
		if _, ok := res.done[0]; !ok {
			t.Error("what stands behind a finished task undid it")
		}
		_ = j.each(func(Difference) error { return nil })
	})
}

func TestJournalOfAnotherRunIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.journal")
	j, err := createJournal(path, header{A: "a", B: "b", Plan: Stream, Task: 1})
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := createJournal(path, header{}); err == nil || !strings.Contains(err.Error(), "another run writes the journal") {
		t.Errorf("a second run began: %v", err)
	}
	if _, _, err := openJournal(path, accept, nil); err == nil || !strings.Contains(err.Error(), "another run writes the journal") {
		t.Errorf("a second run went on: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the journal was changed: %v", err)
	}
	if err := j.Close(false); err != nil {
		t.Fatal(err)
	}
	again, err := createJournal(path, header{})
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close(true)
}
