package main

import (
	"net/http"
	"time"
)

func main() {
	srv := &http.Server{
		Addr:        ":8080",
		IdleTimeout: 60 * time.Second, // want: ops.keepalive-order
	}
	srv.ListenAndServe()
}
