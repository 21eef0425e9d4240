DROP INDEX parcels_order_number;
