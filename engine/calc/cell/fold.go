package cell

// FoldID returns the number of the text that all cases of this text have in common (see [Fold]), which is put into the
// table where it is not there yet. Two texts are equal for Excel exactly if their FoldIDs are. Texts are folded once.
func (t *Strings) FoldID(id uint32) uint32 {
	t.mu.RLock()
	if int(id) < len(t.folds) && t.folds[id] != 0 {
		f := t.folds[id] - 1
		t.mu.RUnlock()
		return f
	}
	s := t.list[id]
	t.mu.RUnlock()
	f := id
	if folded := Fold(s); folded != s {
		f = t.ID(folded)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.folds) < len(t.list) {
		t.folds = append(t.folds, 0)
	}
	t.folds[id] = f + 1
	return f
}

// FindFold returns the FoldID of s, and false where no text whose FoldID was asked for is equal to s.
func (t *Strings) FindFold(s string) (uint32, bool) { return t.Find(Fold(s)) }
