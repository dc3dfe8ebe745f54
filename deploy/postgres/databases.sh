#!/usr/bin/env bash
# One database and one owner a service. CREATEROLE lets an owner make the two roles that its service works as.
set -euo pipefail
for service in gateway planner task audit keycloak; do
  variable="${service^^}_DATABASE_PASSWORD"
  psql --set=ON_ERROR_STOP=1 --username postgres --set=name="$service" --set=password="${!variable}" <<'SQL'
CREATE ROLE :"name" LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
