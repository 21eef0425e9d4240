UPDATE orders SET note = '' WHERE note IS NULL;
VACUUM orders;
