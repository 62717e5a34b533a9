{{- /* The environment of a process. Every name is one of docs/settings.md, or of the driver. */ -}}
{{- define "tandem.settings" -}}
{{- $root := .root -}}
{{ include "tandem.database" . }}
{{- if ne .process "gateway" }}
{{ include "tandem.rabbitmq" . }}
{{- end }}
- name: TANDEM_POOL_SIZE
  value: {{ (index .root.Values.services .process).poolSize | quote }}
- name: TANDEM_PUBLIC_URL
  value: {{ .root.Values.publicUrl }}
- name: TANDEM_AUDIENCE
  value: {{ include "tandem.audience" .root }}
- name: TANDEM_ISSUER
  value: {{ .root.Values.issuer.url }}
{{- with .root.Values.issuer.jwksUrl }}
- name: TANDEM_JWKS_URL
  value: {{ . }}
{{- end }}
- name: TANDEM_SERVICES
  value: {{ include "tandem.addresses" .root }}
- name: TANDEM_SERVICE_KEY
  value: /etc/tandem/identity/{{ .root.Values.secrets.serviceKey.key }}
{{- with .root.Values.settings }}
- name: TANDEM_LOG_LEVEL
  value: {{ .logLevel }}
- name: TANDEM_LOG_FORMAT
  value: {{ .logFormat }}
- name: TANDEM_MAX_BODY
  value: {{ .maxBody | int64 | quote }}
- name: TANDEM_MAX_RESOURCE
  value: {{ .maxResource | int64 | quote }}
- name: TANDEM_MAX_INGEST
  value: {{ .maxIngest | int64 | quote }}
{{- end }}
{{- with .root.Values.tracing }}
{{- if .endpoint }}
- name: TANDEM_OTLP_ENDPOINT
  value: {{ .endpoint }}
- name: TANDEM_TRACE_RATIO
  value: {{ .ratio | quote }}
{{- end }}
{{- end }}
{{- range $name, $value := .root.Values.moreSettings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- with .root.Values.secrets.pageSecret }}
{{- if .secret }}
{{ include "tandem.secret" (dict "name" "TANDEM_PAGE_SECRET" "secret" .secret "key" .key) }}
{{- end }}
{{- end }}
{{- with .root.Values.secrets.pageSecretsAccepted }}
{{- if .secret }}
{{ include "tandem.secret" (dict "name" "TANDEM_PAGE_SECRETS_ACCEPTED" "secret" .secret "key" .key) }}
{{- end }}
{{- end }}
{{- if eq .process "cohort-service" }}
{{- with .root.Values.secrets.pseudonymKey }}
{{- if .secret }}
{{ include "tandem.secret" (dict "name" "TANDEM_PSEUDONYM_KEY" "secret" .secret "key" .key) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (ne .process "gateway") .root.Values.subscriptionHosts }}
- name: TANDEM_SUBSCRIPTION_HOSTS
  value: /etc/tandem/notifications/subscription-hosts.json
{{- end }}
{{- if eq .process "gateway" }}
{{- with .root.Values.signIn }}
{{- if .clientId }}
- name: TANDEM_OIDC_CLIENT_ID
  value: {{ .clientId }}
{{- if .clientSecret.secret }}
{{ include "tandem.secret" (dict "name" "TANDEM_OIDC_CLIENT_SECRET" "secret" .clientSecret.secret "key" .clientSecret.key) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "tandem.addresses" -}}
{{- $pairs := list -}}
{{- range splitList " " (include "tandem.services" .) -}}
{{- $pairs = append $pairs (printf "%s=http://%s:8000" . (include "tandem.name" (dict "root" $ "process" .))) -}}
{{- end -}}
{{ join "," $pairs }}
{{- end -}}
