DROP TABLE label_jobs;
DROP TABLE outbox;
DROP TABLE parcels;
