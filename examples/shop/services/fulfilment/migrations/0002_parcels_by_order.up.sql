CREATE INDEX parcels_order_number ON parcels (order_number);
