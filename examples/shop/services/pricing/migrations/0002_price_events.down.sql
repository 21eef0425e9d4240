DROP TABLE price_events;
