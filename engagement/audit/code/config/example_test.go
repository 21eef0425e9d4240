package config_test

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
)

func ExampleParse() {
	src := []byte("FROM ruby:3.3\nCMD bundle exec puma\n")
	kind := config.KindOf("Dockerfile", src)
	doc, err := config.Parse(kind, "Dockerfile", src)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := doc.Dockerfile()
	cmd := d.Effective(d.Final(), "CMD")
	fmt.Println(cmd.Span.Start, cmd.IsExec(), cmd.Text)
	fmt.Println(d.Effective(d.Final(), "HEALTHCHECK") == nil)
	// Output:
	// 2 false bundle exec puma
	// true
}

func ExampleMaskSecrets() {
	fmt.Println(config.MaskSecrets(`url: postgres://shop:hunter2@db/shop`))
	fmt.Println(config.MaskSecrets(`password = params[:password]`))
	// Output:
	// url: postgres://shop:********@db/shop
	// password = params[:password]
}
