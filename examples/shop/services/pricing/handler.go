package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"time"
)

// Server answers HTTP.
type Server struct {
	store *Store
	cache *Cache
	rules *RuleSet
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /price", s.price)
	mux.HandleFunc("GET /history", s.history)
	mux.HandleFunc("POST /quote", s.quote)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
}

func (s *Server) price(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.URL.Query().Get("variant"), 10, 64)
	if err != nil {
		http.Error(w, "variant is not a number", http.StatusBadRequest)
		return
	}
	if cents, err := s.cache.Get(r.Context(), id); err == nil {
		writeJSON(w, map[string]int64{"cents": cents})
		return
	}
	p, err := s.store.Current(r.Context(), id)
	if errors.Is(err, errNoPrice) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		fail(w, err)
		return
	}
	if err := s.cache.Put(r.Context(), p); err != nil {
		log.Printf("cache price %d: %v", id, err)
	}
	writeJSON(w, map[string]int64{"cents": p.Cents})
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.URL.Query().Get("variant"), 10, 64)
	if err != nil {
		http.Error(w, "variant is not a number", http.StatusBadRequest)
		return
	}
	prices, err := s.store.History(r.Context(), id)
	if err != nil {
		fail(w, err)
		return
	}
	writeJSON(w, prices)
}

func (s *Server) quote(w http.ResponseWriter, r *http.Request) {
	var in struct {
		BasketID string          `json:"basket_id"`
		Items    map[int64]int64 `json:"items"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in); err != nil {
		http.Error(w, "not a basket", http.StatusBadRequest)
		return
	}
	total, err := s.store.Totals(r.Context(), in.Items)
	if err != nil {
		fail(w, err)
		return
	}
	Remember(in.BasketID, total)
	writeJSON(w, map[string]int64{"cents": total})
}

// refreshRules reads the rules every minute until the context ends.
func (s *Server) refreshRules(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		rules, err := s.store.Rules(ctx)
		if err != nil {
			log.Printf("refresh rules: %v", err)
		} else {
			s.rules.Replace(rules)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Printf("write response: %v", err)
	}
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}
