package fetch

import "net/http"

func fetch(url string) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: 1}} // want: net.client-per-call
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
