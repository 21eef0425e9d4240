package fetch

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
)

func get(url string, v any) error {
	resp, err := http.Get(url) // want: go.body-leak
	if err != nil {
		return err
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

func status(url string) (int, error) {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0, err
	}
	client := &http.Client{}
	resp, err := client.Do(req) // want: go.body-leak
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func early(url string) ([]byte, error) {
	resp, err := http.Get(url) // want: go.body-leak
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != 200 {
		return nil, errStatus
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	return b, err
}

func read(name string) ([]byte, error) {
	f, err := os.Open(name) // want: go.body-leak
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}
