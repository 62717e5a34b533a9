#!/bin/bash
# One database and one role for the gateway and each service: none can open another's. Run at every start, so a password
# that was made again becomes the role's. The files are named like the roles.
set -euo pipefail
PGPASSWORD=$(cat /secrets/superuser)
export PGPASSWORD PGHOST=postgres PGUSER=postgres PGDATABASE=postgres

for service in cohort careplan mdt referral metrics gateway; do
  SERVICE=$service psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set service="$service" <<'SQL'
\set password `cat "/secrets/$SERVICE"`
SELECT format('CREATE ROLE %I LOGIN', :'service') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'service')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 \
  --command 'REVOKE ALL ON DATABASE postgres FROM PUBLIC' --command 'REVOKE ALL ON DATABASE template1 FROM PUBLIC'
echo "the databases are there"
