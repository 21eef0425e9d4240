package schema

// addCheck adds a copy of a check to a table.
func (f *folder) addCheck(t *Table, check *Check, op *Op) {
	added := *check
	added.Name = bareName(check.Name)
	if added.Place == (Place{}) {
		added.Place = op.Place
	}
	if added.Name == "" {
		added.AutoNamed = true
		added.Name = f.checkName(t, &added)
	}
	for i, have := range t.Checks {
		if sameName(have.Name, added.Name) {
			t.Checks = append(t.Checks[:i:i], t.Checks[i+1:]...)
			break
		}
	}
	t.Checks = append(t.Checks, &added)
}

// checkName is the name that the product chooses: PostgreSQL's table_column_check when the check is
// about one column, else table_check; MySQL's table_chk_1.
func (f *folder) checkName(t *Table, check *Check) string {
	taken := func(n string) bool {
		for _, have := range t.Checks {
			if sameName(have.Name, n) {
				return true
			}
		}
		return false
	}
	if f.s.Dialect == MySQL {
		return free(tableOnly(t)+"_chk_1", "", 2, taken)
	}
	name := tableOnly(t)
	column := ""
	for _, c := range t.Columns {
		if !mentions(check.Expr, c.Name) {
			continue
		}
		if column != "" {
			column = ""
			break
		}
		column = c.Name
	}
	if column != "" {
		name += "_" + column
	}
	return free(clip(name, "_check"), "", 1, taken)
}

func (f *folder) validateCheck(t *Table, name string) {
	for _, check := range t.Checks {
		if sameName(check.Name, name) {
			check.NotValid = false
		}
	}
}

// dropChecksOf drops the checks that mention a column, as dropping the column does.
func (f *folder) dropChecksOf(t *Table, column string) {
	kept := t.Checks[:0]
	for _, check := range t.Checks {
		if !mentions(check.Expr, column) {
			kept = append(kept, check)
		}
	}
	t.Checks = kept
}
