{{- define "churn.name" -}}
{{- default .Release.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "churn.labels" -}}
{{ include "churn.selector" . }}
app.kubernetes.io/part-of: churn
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "churn.selector" -}}
app.kubernetes.io/name: churn
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "churn.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What every pod is: nobody in particular, without a token, on nothing it could write to but its own volumes. */}}
{{- define "churn.pod" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
automountServiceAccountToken: false
# Else a Service called churn would hand every pod variables called CHURN_….
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .of.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "churn.container" -}}
image: {{ include "churn.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources:
  {{- toYaml .of.resources | nindent 2 }}
env:
  - name: CHURN_DATABASE_URL
    valueFrom:
      secretKeyRef: {name: {{ .secret.name | quote }}, key: {{ .secret.key | quote }}}
  {{- if .readsModels }}
  - name: CHURN_MLFLOW_URI
    valueFrom:
      secretKeyRef: {name: {{ .root.Values.secrets.mlflow.name | quote }}, key: {{ .root.Values.secrets.mlflow.key | quote }}}
  {{- end }}
  - {name: CHURN_HOME, value: /var/lib/churn}
  - {name: HOME, value: /var/lib/churn}
  {{- if .root.Values.config.configMap }}
  - {name: CHURN_CONFIG, value: /etc/churn/churn.toml}
  {{- end }}
  {{- if .root.Values.project.claim }}
  - {name: CHURN_PROJECT, value: /project}
  {{- end }}
  - {name: DBT_SEND_ANONYMOUS_USAGE_STATS, value: "false"}
  - {name: DO_NOT_TRACK, value: "true"}
  - {name: GX_ANALYTICS_ENABLED, value: "false"}
  - {name: MLFLOW_DISABLE_TELEMETRY, value: "true"}
  - {name: SCARF_NO_ANALYTICS, value: "true"}
  - {name: PYTHONDONTWRITEBYTECODE, value: "1"}
volumeMounts:
  - {name: state, mountPath: /var/lib/churn}
  - {name: tmp, mountPath: /tmp}
  {{- if .readsModels }}
  - {name: artifacts, mountPath: /var/lib/churn/mlflow/artifacts, subPath: {{ .root.Values.artifacts.subPath | quote }}, readOnly: true}
  {{- end }}
  {{- if .root.Values.config.configMap }}
  - {name: config, mountPath: /etc/churn, readOnly: true}
  {{- end }}
  {{- if .root.Values.project.claim }}
  - {name: project, mountPath: /project, subPath: {{ .root.Values.project.subPath | quote }}, readOnly: true}
  {{- end }}
  {{- if .tlsSecret }}
  - {name: tls, mountPath: /etc/churn-tls, readOnly: true}
  {{- end }}
{{- end -}}

{{/* A claim is mounted to read, and not read-only itself: a folder of it that nobody has made yet is made. */}}
{{- define "churn.volumes" -}}
- {name: state, emptyDir: {sizeLimit: 1Gi}}
- {name: tmp, emptyDir: {sizeLimit: 256Mi}}
{{- if .readsModels }}
- name: artifacts
  persistentVolumeClaim: {claimName: {{ .root.Values.artifacts.claim | quote }}}
{{- end }}
{{- with .root.Values.config }}
{{- if .configMap }}
- name: config
  configMap:
    name: {{ .configMap | quote }}
    items: [{key: {{ .key | quote }}, path: churn.toml}]
{{- end }}
{{- end }}
{{- if .root.Values.project.claim }}
- name: project
  persistentVolumeClaim: {claimName: {{ .root.Values.project.claim | quote }}}
{{- end }}
{{- if .tlsSecret }}
- name: tls
  secret: {secretName: {{ .tlsSecret | quote }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{/* Where a pod may go: names, the database, and what else is asked for. */}}
{{- define "churn.egress" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- range .places }}
- ports: [{port: {{ .port }}, protocol: TCP}]
  {{- with .peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Who may come to a port. */}}
{{- define "churn.ingress" -}}
- ports: [{port: {{ .port }}, protocol: TCP}]
  {{- with .peers }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
