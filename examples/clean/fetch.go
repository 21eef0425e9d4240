package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// Checker asks whether an address answers. It is safe for use by many goroutines.
type Checker struct {
	client *http.Client
}

// NewChecker returns a checker with one shared, bounded client.
func NewChecker() *Checker {
	return &Checker{client: &http.Client{
		Timeout:   3 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 100, MaxConnsPerHost: 4, IdleConnTimeout: time.Minute},
	}}
}

// Check tries three times, waiting longer each time, with jitter.
func (c *Checker) Check(ctx context.Context, address string) error {
	wait := 100 * time.Millisecond
	for try := 1; ; try++ {
		err := c.head(ctx, address)
		if err == nil || try == 3 {
			return err
		}
		timer := time.NewTimer(wait + rand.N(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		wait *= 2
	}
}

func (c *Checker) head(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("the address answers %s", resp.Status)
	}
	return nil
}
