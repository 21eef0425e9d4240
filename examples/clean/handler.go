package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

func routes(store *Store, checker *Checker) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if err := store.Ready(ctx); err != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		target, err := store.Target(r.Context(), r.PathValue("name"))
		if errors.Is(err, ErrNotFound) {
			http.NotFound(w, r)
			return
		}
		if err != nil {
			fail(w, err)
			return
		}
		http.Redirect(w, r, target, http.StatusFound)
	})
	mux.HandleFunc("GET /owners/{id}/links", func(w http.ResponseWriter, r *http.Request) { list(w, r, store) })
	mux.HandleFunc("POST /owners/{id}/links", func(w http.ResponseWriter, r *http.Request) { add(w, r, store, checker) })
	return mux
}

func list(w http.ResponseWriter, r *http.Request, store *Store) {
	owner, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, "the owner is not a number", http.StatusBadRequest)
		return
	}
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		after = 0 // the first page
	}
	links, err := store.Page(r.Context(), owner, after)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(links); err != nil {
		slog.Warn("write response", "error", err)
	}
}

func add(w http.ResponseWriter, r *http.Request, store *Store, checker *Checker) {
	owner, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, "the owner is not a number", http.StatusBadRequest)
		return
	}
	var in struct {
		Name   string `json:"name"`
		Target string `json:"target"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		http.Error(w, "not a link", http.StatusBadRequest)
		return
	}
	if err := checker.Check(r.Context(), in.Target); err != nil {
		http.Error(w, "the target does not answer", http.StatusUnprocessableEntity)
		return
	}
	n, err := store.Add(r.Context(), owner, []string{in.Name}, []string{in.Target})
	switch {
	case err != nil:
		fail(w, err)
	case n == 0:
		http.Error(w, "the name is taken", http.StatusConflict)
	default:
		w.WriteHeader(http.StatusCreated)
	}
}

func fail(w http.ResponseWriter, err error) {
	slog.Error("request failed", "error", err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}
