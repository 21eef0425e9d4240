package main

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cache keeps prices near the handlers.
type Cache struct{ rdb *redis.Client }

var (
	quotesMu     sync.Mutex
	recentQuotes = map[string]int64{}
)

// NewCache returns an empty cache.
func NewCache(rdb *redis.Client) *Cache {
	return &Cache{rdb: rdb}
}

// Remember keeps a basket's quote, so that the checkout sees what the cart saw.
func Remember(basketID string, cents int64) {
	quotesMu.Lock()
	defer quotesMu.Unlock()
	recentQuotes[basketID] = cents
}

// Quote returns a remembered quote.
func Quote(basketID string) (int64, bool) {
	quotesMu.Lock()
	defer quotesMu.Unlock()
	cents, ok := recentQuotes[basketID]
	return cents, ok
}

// Put writes a price for five minutes.
func (c *Cache) Put(ctx context.Context, p Price) error {
	return c.rdb.Set(ctx, key(p.VariantID), p.Cents, 5*time.Minute).Err()
}

// PutAll writes many prices in one round trip.
func (c *Cache) PutAll(ctx context.Context, prices []Price) error {
	pipe := c.rdb.Pipeline()
	for _, p := range prices {
		pipe.Set(ctx, key(p.VariantID), p.Cents, 5*time.Minute)
	}
	_, err := pipe.Exec(ctx)
	return err
}

// Get reads a price.
func (c *Cache) Get(ctx context.Context, variantID int64) (int64, error) {
	return c.rdb.Get(ctx, key(variantID)).Int64()
}

func key(variantID int64) string { return "price:" + strconv.FormatInt(variantID, 10) }

// RuleSet is the discount rules by name: a fixed set, replaced whole.
type RuleSet struct {
	mu    sync.RWMutex
	rules map[string]int64
}

// NewRuleSet returns an empty set.
func NewRuleSet() *RuleSet { return &RuleSet{rules: map[string]int64{}} }

// Replace sets all rules at once.
func (r *RuleSet) Replace(rules map[string]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rules = rules
}
