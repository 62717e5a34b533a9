#!/bin/bash
# One database and one role for each service and the gateway, on the first start of the server: none can open another's.
set -euo pipefail

for service in cohort careplan mdt referral metrics gateway; do
  psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set service="$service" --set password="$SERVICE_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
  --command 'REVOKE ALL ON DATABASE postgres FROM PUBLIC' --command 'REVOKE ALL ON DATABASE template1 FROM PUBLIC'
