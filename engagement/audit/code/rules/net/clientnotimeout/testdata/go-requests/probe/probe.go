package probe

import (
	"context"
	"net/http"
	"sync"
	"time"

	"example.org/shop/peer"
)

func Look(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	resp, err := peer.Client().Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

type lint struct {
	once   sync.Once
	client *http.Client
}

func (l *lint) get() *http.Client {
	l.once.Do(func() {
		l.client = &http.Client{}
	})
	return l.client
}

func (l *lint) Check(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	req = req.WithContext(ctx)
	resp, err := l.get().Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

type open struct {
	web *http.Client
}

func newOpen() *open {
	return &open{web: &http.Client{}} // want: net.client-no-timeout
}

func (o *open) fetch(url string) error {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	resp, err := o.web.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func forever(url string) error {
	c := &http.Client{} // want: net.client-no-timeout
	req, err := http.NewRequestWithContext(context.Background(), "GET", url, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
