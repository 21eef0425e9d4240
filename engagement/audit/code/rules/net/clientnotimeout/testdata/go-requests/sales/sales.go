package sales

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"sync"
)

type token struct {
	sync.Mutex
	value string
}

type Client struct {
	token token
	url   string
}

func (c *Client) refresh() error {
	c.token.Lock()
	defer c.token.Unlock()
	resp, err := http.PostForm(c.url, url.Values{"grant": {"x"}}) // want: net.client-no-timeout
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (c *Client) Send(body []byte) error {
	req, err := http.NewRequest("POST", c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", c.token.value)
	resp, err := http.DefaultClient.Do(req) // want: net.client-no-timeout
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (c *Client) Ask(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, "GET", c.url, nil)
	if err != nil {
		return err
	}
	return send(req)
}

func send(req *http.Request) error {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
