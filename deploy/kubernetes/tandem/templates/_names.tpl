{{- /* The six processes: those of the ownership table, and the gateway. */ -}}
{{- define "tandem.services" -}}
cohort-service careplan-service mdt-service referral-service metrics-service
{{- end -}}

{{- define "tandem.processes" -}}
{{ include "tandem.services" . }} gateway
{{- end -}}

{{- /* The name of a service's database and role. */ -}}
{{- define "tandem.short" -}}
{{ trimSuffix "-service" . }}
{{- end -}}

{{- define "tandem.name" -}}
{{ printf "%s-%s" .root.Release.Name .process | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "tandem.image" -}}
{{ printf "%s/%s:%s" .root.Values.image.registry .process (.root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end -}}

{{- define "tandem.audience" -}}
{{ .Values.audience | default (printf "%s/fhir" .Values.publicUrl) }}
{{- end -}}

{{- /* What finds the pods of a process, and never changes. */ -}}
{{- define "tandem.selector" -}}
app.kubernetes.io/name: tandem
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .process }}
{{- end -}}

{{- define "tandem.labels" -}}
{{ include "tandem.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}
