package estimate_test

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/rate"
)

func Example() {
	model, err := estimate.Parse(lang.Source{Text: "rps = 1k to 10k req/s\nrps * 2 kB/req"}, rate.Embedded())
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := model.Evaluate(context.Background(), estimate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Outcomes[1])
	// Output: 6.32 MB/s, 90 % between 2 MB/s and 20 MB/s
}

func ExampleParse_refused() {
	_, err := estimate.Parse(lang.Source{Text: "100 GiB + 3 s"}, nil)
	fmt.Println(err)
	// Output:
	// cannot add bytes and seconds
	//    1 | 100 GiB + 3 s
	//      |         ^
	//        divide the bytes by a rate in bytes per second to get a time
}

func ExampleModel_BreakEven() {
	model, err := estimate.Parse(lang.Source{Text: `
users = 1k to 100k users
option hosted = users * $0.05/user/month
option own = $400/month`}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	even, err := model.BreakEven(context.Background(), estimate.Options{}, "hosted", "own", "users")
	fmt.Println(even.Display.Format(even.At), err)
	// Output: 8000 users <nil>
}
