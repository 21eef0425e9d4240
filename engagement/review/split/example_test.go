package split_test

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/schema"
)

func ExampleSplit() {
	script, err := split.Split("fill.sql", []byte("\\timing\nDO $$ BEGIN PERFORM 1; END $$;\nSELECT 'a;b'"), split.Options{Dialect: schema.Postgres})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, st := range script.Statements {
		fmt.Printf("%d:%d %s\n", st.Start.Line, st.Start.Column, st.Text)
	}
	for _, n := range script.Notices {
		fmt.Println(n.Text)
	}
	// Output:
	// 2:1 DO $$ BEGIN PERFORM 1; END $$
	// 3:1 SELECT 'a;b'
	// \timing is a command of psql and not SQL; it was skipped. A migration tool that sends the file to the server fails at it.
}
