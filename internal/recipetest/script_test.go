package recipetest

import "testing"

// asScript runs a recipe in psql.
func asScript(t *testing.T, s *Stand, psql string, one bool) {
	differ, err := s.Script(t.Context(), psql, one)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range differ {
		t.Error(l)
	}
}
