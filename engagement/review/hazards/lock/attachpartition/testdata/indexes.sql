-- server: 15
create table q (id int not null, at date not null) partition by range (at);
create index q_id on only q (id);
create table q1 (id int not null, at date not null, check (at >= '2023-01-01' and at < '2024-01-01'));
create table q2 (id int not null, at date not null, check (at >= '2024-01-01' and at < '2025-01-01'));
create index q2_id on q2 (id);
-- migration:
alter table q attach partition q1 for values from ('2023-01-01') to ('2024-01-01'); -- want
alter table q attach partition q2 for values from ('2024-01-01') to ('2025-01-01');
