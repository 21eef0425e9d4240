--: add-column.plain target=t
alter table t add column c int
