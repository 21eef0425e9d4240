package effect

import (
	"encoding/json"
	"testing"
)

func TestConflictsAreSymmetric(t *testing.T) {
	for _, a := range Locks() {
		for _, b := range Locks() {
			if a.Conflicts(b) != b.Conflicts(a) {
				t.Errorf("%s and %s conflict one way only", a, b)
			}
		}
		if !a.Conflicts(AccessExclusive) || a.Conflicts(NoLock) || NoLock.Conflicts(a) {
			t.Errorf("%s: ACCESS EXCLUSIVE conflicts with all and no lock with none", a)
		}
	}
	if Share.Conflicts(Share) || !ShareUpdateExclusive.Conflicts(ShareUpdateExclusive) {
		t.Error("SHARE admits itself, SHARE UPDATE EXCLUSIVE does not")
	}
}

func TestNamesComeBack(t *testing.T) {
	for _, l := range append(Locks(), NoLock) {
		for _, text := range []string{l.Code(), l.String(), lockNames[l].mode} {
			if got, err := ParseLock(text); err != nil || got != l {
				t.Errorf("%q is read as %v, %v", text, got, err)
			}
		}
	}
	for w := range Work(16) {
		if got, err := ParseWork(w.Code()); err != nil || got != w {
			t.Errorf("%q is read as %v, %v", w.Code(), got, err)
		}
	}
	for _, bad := range []string{"ax", "Exclusive Lock", "rw"} {
		if _, err := ParseLock(bad); err == nil {
			t.Errorf("lock %q is accepted", bad)
		}
		if _, err := ParseWork(bad); err == nil {
			t.Errorf("work %q is accepted", bad)
		}
	}
}

func TestHarm(t *testing.T) {
	for name, c := range map[string]struct {
		e                   Effect
		reads, writes, harm bool
	}{
		"catalog only under the strongest lock": {Effect{Target: AccessExclusive}, true, true, false},
		"rewrite":                               {Effect{Target: AccessExclusive, Work: Rewrite}, true, true, true},
		"index build":                           {Effect{Target: Share, Work: IndexBuild}, false, true, true},
		"index build beside writers":            {Effect{Target: ShareUpdateExclusive, Work: IndexBuild, OutsideTransaction: true}, false, false, false},
		"reindex of one index":                  {Effect{Target: Share, Index: AccessExclusive, Work: IndexBuild}, true, true, true},
		"only the parent waits":                 {Effect{Target: RowShare, Parent: ShareRowExclusive, Work: Scan}, false, true, true},
		"brief":                                 {Effect{Target: ShareUpdateExclusive, Brief: AccessExclusive, Work: IndexBuild}, false, false, false},
		"update of all rows":                    {Effect{Target: RowExclusive, Work: Modify | Scan}, false, false, false},
		"an index build locks its index":        {Effect{Target: ShareUpdateExclusive, Index: ShareUpdateExclusive, Work: IndexBuild}, false, false, false},
		"a materialized view beside readers":    {Effect{Target: Exclusive, Unwritten: true, Work: Scan}, false, false, false},
		"a materialized view":                   {Effect{Target: AccessExclusive, Unwritten: true, Work: Rewrite}, true, true, true},
		"InnoDB instant":                        {Effect{Algorithm: Instant, Admits: ReadsWrites}, false, false, false},
		"InnoDB copy":                           {Effect{Algorithm: Copy, Admits: Reads, Work: Rewrite}, false, true, true},
	} {
		if c.e.BlocksReads() != c.reads || c.e.BlocksWrites() != c.writes || c.e.Harm() != c.harm {
			t.Errorf("%s: reads %v, writes %v, harm %v", name, c.e.BlocksReads(), c.e.BlocksWrites(), c.e.Harm())
		}
	}
}

func TestJSON(t *testing.T) {
	e := Effect{Target: AccessExclusive, Parent: ShareRowExclusive, Work: Rewrite | IndexBuild, RowsRead: 2000, WAL: 4096}
	const want = `{"target":"AX","parent":"SRX","work":"RW+IX","rows_read":2000,"wal":4096}`
	text, err := json.Marshal(e)
	if err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
	var back Effect
	if err := json.Unmarshal(text, &back); err != nil || back != e {
		t.Errorf("read back as %v, %v", back, err)
	}
	maria := Effect{Algorithm: NoCopy, Admits: ReadsWrites, Work: IndexBuild}
	text, err = json.Marshal(maria)
	if err != nil || string(text) != `{"algorithm":"NOCOPY","admits":"NONE","work":"IX"}` {
		t.Errorf("%s, %v", text, err)
	}
	if empty, err := json.Marshal(Effect{}); err != nil || string(empty) != "{}" {
		t.Errorf("the zero value is %s, %v", empty, err)
	}
	if err := json.Unmarshal([]byte(`{"target":"ALL"}`), &back); err == nil {
		t.Error("an unknown lock is accepted")
	}
	if e.String() != "AX, P:SRX; RW+IX" || (Effect{}).String() != "no lock; catalog" {
		t.Errorf("%s; %s", e, Effect{})
	}
}
