package main

import (
	"net/http"
	"time"
)

func serve(h http.Handler) error {
	s := &http.Server{Addr: ":80", Handler: h} // want: net.server-no-timeout
	return s.ListenAndServe()
}

func simple(h http.Handler) error {
	return http.ListenAndServe(":80", h) // want: net.server-no-timeout
}

func bounded(h http.Handler) error {
	s := &http.Server{Addr: ":80", Handler: h, ReadHeaderTimeout: time.Second}
	return s.ListenAndServe()
}
