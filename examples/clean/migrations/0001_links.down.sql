DROP TABLE links;
DROP TABLE owners;
