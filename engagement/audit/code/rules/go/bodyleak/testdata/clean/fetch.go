package fetch

import (
	"bufio"
	"io"
	"net/http"
	"os"
)

func deferred(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func helper(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer closeBody(resp)
	return nil
}

func returned(url string) (io.ReadCloser, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func response(url string) (*http.Response, error) {
	resp, err := http.Get(url)
	return resp, err
}

func wrapped(name string) (*bufio.Reader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return bufio.NewReader(f), nil
}

func stored(s *server, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	s.file = f
	return nil
}

func closedOnBothPaths(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := f.WriteString("x"); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func closedByPath(url string) error {
	resp, err := http.Get(url)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

func deferredEarlier() error {
	var tmp *os.File
	var err error
	defer func() {
		tmp.Close()
	}()
	tmp, err = os.CreateTemp("", "x")
	if err != nil {
		return err
	}
	_, err = tmp.WriteString("x")
	return err
}
