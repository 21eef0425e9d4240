package a

import (
	"context"
	"net/http"
)

var shared = &http.Client{} // want: net.client-no-timeout

var literal = &http.Client{Timeout: second}

func later() *http.Client {
	c := &http.Client{}
	c.Timeout = second
	return c
}

func get(ctx context.Context, url string) (*http.Response, error) {
	return http.Get(url) // want: net.client-no-timeout
}

type other struct{ http fake }

func (o other) get(url string) { o.http.Get(url) }
