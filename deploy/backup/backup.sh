#!/bin/bash
# What the container `backup` does: docs/operations/backup-and-restore.md, "With compose".
#   backup make NAME        all databases and all secrets of this machine into /backups/NAME, while it works
#   backup secrets NAME     the secrets of a backup into empty volumes, before anything else is started
#   backup databases NAME   its databases into empty ones, before they are migrated; what follows is given to `tandem restore`
# It is root, and may pass over the owners of files: it reads what belongs to the processes, and what it writes it gives to
# whoever owns the folder.
set -euo pipefail
usage="backup make|secrets|databases NAME [OPTIONS of tandem restore]"
step=${1:?$usage}
directory=/backups/${2:?$usage}
shift 2
processes=(gateway cohort-service careplan-service mdt-service referral-service metrics-service)

# what is written there, a copy that failed and a report too, can be read and removed by whoever owns the folder
trap 'chown --recursive --reference=/backups /backups' EXIT

databases() {
  for each in "${processes[@]}"; do
    printf '%s=%s,' "$each" "$(cat "/secrets-of/$each/database-url")"
  done
}

case $step in
  make)
    folders=()
    for each in "${processes[@]}" issuer; do folders+=(--keys "/secrets-of/$each"); done
    TANDEM_DATABASES=$(databases) tandem backup --to "$directory" --passphrase-file /passphrase "${folders[@]}"
    ;;
  secrets)
    # what the database and the broker are told of them follows from these, when `secrets` runs
    tandem keys restore "$directory" --to /secrets-of --passphrase-file /passphrase
    chown --recursive 10001:10001 /secrets-of/*
    ;;
  databases)
    TANDEM_DATABASES=$(databases) tandem restore --from "$directory" "$@"
    ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
