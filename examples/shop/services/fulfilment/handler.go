package main

import (
	"encoding/json"
	"log"
	"net/http"
)

// App answers HTTP.
type App struct {
	store    *Store
	carriers []Carrier
}

func (a *App) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /parcels", a.book)
	mux.HandleFunc("GET /parcels", a.list)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
}

func (a *App) book(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Order string `json:"order"`
		Grams int    `json:"grams"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		http.Error(w, "not an order", http.StatusBadRequest)
		return
	}
	offer, err := FirstOffer(a.carriers, in.Grams)
	if err != nil {
		http.Error(w, "no carrier", http.StatusBadGateway)
		return
	}
	for _, c := range a.carriers {
		if c.Name != offer.Carrier {
			continue
		}
		tracking, err := c.BookLabel(r.Context(), in.Order)
		if err != nil {
			http.Error(w, "no label", http.StatusBadGateway)
			return
		}
		p := Parcel{OrderNumber: in.Order, Carrier: c.Name, Tracking: tracking}
		payload, err := json.Marshal(p)
		if err == nil {
			err = a.store.Book(r.Context(), p, payload)
		}
		if err != nil {
			log.Printf("book parcel of %s: %v", in.Order, err)
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
		return
	}
}

func (a *App) list(w http.ResponseWriter, r *http.Request) {
	parcels, err := a.store.ByOrder(r.Context(), r.URL.Query().Get("order"))
	if err != nil {
		log.Print(err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(parcels); err != nil {
		log.Printf("write response: %v", err)
	}
}
