package cell

// IDs numbers many texts at once, in their order, and puts the numbers into ids, which is as long as texts. It is
// several times faster than one call of ID for each.
func (t *Strings) IDs(texts []string, ids []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(texts) > 1024 && len(texts) > len(t.ids) {
		// A map that grows to its size step by step is filled twice.
		grown := make(map[string]uint32, len(t.ids)+len(texts))
		for s, id := range t.ids {
			grown[s] = id
		}
		t.ids = grown
		t.list = append(make([]string, 0, len(t.list)+len(texts)), t.list...)
	}
	for i, s := range texts {
		id, ok := t.ids[s]
		if !ok {
			id = uint32(len(t.list))
			t.list = append(t.list, s)
			t.ids[s] = id
		}
		ids[i] = id
	}
}

// IDBytes is ID of a text in a buffer, which is copied only where the text is new.
func (t *Strings) IDBytes(b []byte) uint32 {
	t.mu.RLock()
	id, ok := t.ids[string(b)]
	t.mu.RUnlock()
	if ok {
		return id
	}
	return t.ID(string(b))
}
