-- Airflow's metadata and the serving copy: each has its owner; suheng_reader sees what suheng grants it, and nothing else.
\set airflow `cat /run/secrets/airflow_db_password`
\set suheng `cat /run/secrets/suheng_db_password`
\set reader `cat /run/secrets/suheng_reader_password`
create role airflow login password :'airflow';
create role suheng login password :'suheng';
-- fewer connections than the server has: a BI tool that leaks them does not stop the night
create role suheng_reader login password :'reader' connection limit 40;
alter role suheng_reader set default_transaction_read_only = on;
create database airflow owner airflow;
create database suheng owner suheng;
revoke all on database airflow, suheng, postgres, template1 from public;
grant connect on database suheng to suheng_reader;
