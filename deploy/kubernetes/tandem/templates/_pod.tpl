{{- /* Every pod of the chart: no root, no rights, no token, no way to write but /tmp. Service links would set variables
such as TANDEM_GATEWAY_SERVICE_HOST in a release named tandem, and a process refuses settings that it does not know. */ -}}
{{- define "tandem.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "tandem.container" -}}
image: {{ include "tandem.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext: {{- include "tandem.confined" .root | nindent 2 }}
{{- end -}}

{{- define "tandem.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- /* A variable of a secret that is named. */ -}}
{{- define "tandem.secret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}
{{- end -}}

{{- /* The driver takes the password from PGPASSWORD, so that it stands in no URL. */ -}}
{{- define "tandem.database" -}}
{{- $short := include "tandem.short" .process -}}
{{- with .root.Values.database -}}
{{ include "tandem.secret" (dict "name" "PGPASSWORD" "secret" (print .passwordSecretPrefix $short) "key" .passwordKey) }}
- name: TANDEM_DATABASE_URL
  value: postgresql://{{ $short }}@{{ include "tandem.databaseAddress" $ }}
{{- end }}
{{- end -}}

{{- define "tandem.databaseAddress" -}}
{{- with .root.Values.database -}}
{{ .host }}:{{ .port }}/{{ include "tandem.short" $.process }}?sslmode=verify-full&sslrootcert=/etc/tandem/database/ca.crt
{{- end -}}
{{- end -}}

{{- /* Kubernetes puts the values of RABBITMQ_* into the URL when the container starts. */ -}}
{{- define "tandem.rabbitmq" -}}
{{- $secret := print .root.Values.rabbitmq.userSecretPrefix (include "tandem.short" .process) -}}
{{ include "tandem.secret" (dict "name" "RABBITMQ_USERNAME" "secret" $secret "key" "username") }}
{{ include "tandem.secret" (dict "name" "RABBITMQ_PASSWORD" "secret" $secret "key" "password") }}
{{- with .root.Values.rabbitmq }}
- name: TANDEM_AMQP_URL
  value: amqps://$(RABBITMQ_USERNAME):$(RABBITMQ_PASSWORD)@{{ .host }}:{{ .port }}/{{ urlquery .virtualHost }}?cafile=/etc/tandem/rabbitmq/ca.crt
{{- end }}
{{- end -}}

{{- /* A file of a secret under a name of ours. */ -}}
{{- define "tandem.volume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .from.secret }}
    defaultMode: 0440
    items: [{key: {{ .from.key }}, path: {{ .path }}}]
{{- end -}}
