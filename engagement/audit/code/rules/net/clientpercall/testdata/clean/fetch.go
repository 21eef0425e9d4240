package fetch

import "net/http"

var shared = &http.Client{Transport: &http.Transport{MaxIdleConns: 1}}

func NewClient() *http.Client {
	c := &http.Client{Transport: &http.Transport{}}
	return c
}

func plain(url string) {
	c := &http.Client{}
	c.Get(url)
}

func handed(url string) {
	c := &http.Client{Transport: &http.Transport{}}
	keep(c)
}
