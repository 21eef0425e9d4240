DROP TABLE discount_rules;
DROP TABLE prices;
