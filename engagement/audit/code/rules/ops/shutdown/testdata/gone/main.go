package main

import (
	"log"
	"net/http"
)

func main() {
	go http.ListenAndServe(":6060", nil)
	log.Fatal(http.ListenAndServe(":8080", http.NewServeMux())) // want: ops.shutdown
}
