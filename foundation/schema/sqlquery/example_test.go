package sqlquery_test

import (
	"fmt"

	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

func ExampleAnalyze() {
	st := sqlquery.Analyze("SELECT * FROM stories s WHERE s.user_id = ? AND lower(s.title) LIKE '%go%' ORDER BY s.created_at DESC LIMIT 25")
	for _, f := range st.Filters {
		fmt.Println(f.Table, f.Column, f.Op, f.Func, f.LeadingWildcard)
	}
	fmt.Println(st.OrderBy[0].Column, st.OrderBy[0].Desc, st.Limit)
	// Output:
	// stories user_id =  false
	// stories title like lower true
	// created_at true 25
}
