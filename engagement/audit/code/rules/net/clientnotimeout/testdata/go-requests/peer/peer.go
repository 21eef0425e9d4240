package peer

import "net/http"

var shared = newClient()

// Client is what all probes send through.
func Client() *http.Client { return shared }

func newClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	return &http.Client{Transport: t}
}
