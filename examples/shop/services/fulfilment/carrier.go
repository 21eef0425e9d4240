package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// Carrier is one parcel service.
type Carrier struct {
	Name string
	URL  string
}

// Offer is what a carrier asks for a parcel.
type Offer struct {
	Carrier string
	Cents   int64
}

var trackingClient = &http.Client{Timeout: 3 * time.Second}

// Offer asks the carrier for a price.
func (c Carrier) Offer(grams int) (Offer, error) {
	resp, err := http.Get(fmt.Sprintf("%s/offer?grams=%d", c.URL, grams))
	if err != nil {
		return Offer{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return Offer{}, fmt.Errorf("%s answered %s", c.Name, resp.Status)
	}
	o := Offer{Carrier: c.Name}
	err = json.NewDecoder(resp.Body).Decode(&o)
	return o, err
}

// FirstOffer asks all carriers and takes the first answer.
func FirstOffer(carriers []Carrier, grams int) (Offer, error) {
	ch := make(chan Offer)
	for _, c := range carriers {
		go func() {
			if o, err := c.Offer(grams); err == nil {
				ch <- o
			}
		}()
	}
	select {
	case o := <-ch:
		return o, nil
	case <-time.After(2 * time.Second):
		return Offer{}, errors.New("no carrier answered in time")
	}
}

// BookLabel buys a label. Carriers fail now and then, so it tries again.
func (c Carrier) BookLabel(ctx context.Context, order string) (string, error) {
	var last error
	for range 10 {
		id, err := c.postLabel(ctx, order)
		if err == nil {
			return id, nil
		}
		last = err
	}
	return "", last
}

func (c Carrier) postLabel(ctx context.Context, order string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/labels?order="+url.QueryEscape(order), nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Idempotency-Key", order)
	resp, err := trackingClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return string(body), err
}

// Track asks where a parcel is. It backs off with jitter and gives up after four tries.
func (c Carrier) Track(ctx context.Context, id string) (string, error) {
	wait := 200 * time.Millisecond
	for try := 0; ; try++ {
		status, err := c.trackOnce(ctx, id)
		if err == nil || try == 3 {
			return status, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(wait + rand.N(wait)):
		}
		wait *= 2
	}
}

func (c Carrier) trackOnce(ctx context.Context, id string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/track/"+url.PathEscape(id), nil)
	if err != nil {
		return "", err
	}
	resp, err := trackingClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return string(body), err
}
