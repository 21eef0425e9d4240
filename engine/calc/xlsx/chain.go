package xlsx

// chainPart is the calculation chain: the order in which Excel calculated last. It must not name cells without a
// formula, and Excel makes a new one where it is missing.
type chainPart struct {
	entry *entry // nil where there is none
	rels  *entry // the part with the link to it
	id    string // of the link
}
