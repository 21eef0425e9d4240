package main

import (
	"net/http"
	"time"
)

func later(h http.Handler) error {
	s := &http.Server{Addr: ":80", Handler: h}
	s.ReadTimeout = time.Second
	return s.ListenAndServe()
}

type http2 struct{}

func (http2) ListenAndServe(string) error { return nil }
