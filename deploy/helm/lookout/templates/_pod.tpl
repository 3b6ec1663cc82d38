{{- define "lookout.pod" -}}
metadata:
  labels:
    {{- include "lookout.selectorLabels" . | nindent 4 }}
    {{- with merge dict .Values.pod.labels .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: lookout
    {{- if not .Values.configExistingSecretName }}
    # A changed configuration makes new pods.
    checksum/config: {{ toYaml .Values.config | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "lookout.serviceAccountName" . }}
  automountServiceAccountToken: false
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- range $name := list "priorityClassName" "dnsPolicy" }}
  {{- with index $.Values $name }}
  {{ $name }}: {{ . }}
  {{- end }}
  {{- end }}
  {{- range $name := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "hostAliases" "dnsConfig" }}
  {{- with index $.Values $name }}
  {{ $name }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: lookout
      image: {{ include "lookout.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - --config.file=/etc/lookout/lookout.yml
        - --storage.path=/var/lib/lookout/data
        {{- if include "lookout.sharded" . }}
        - --shard=$(SHARD)/{{ .Values.shards }}
        {{- end }}
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or (include "lookout.sharded" .) .Values.extraEnv }}
      env:
        {{- if include "lookout.sharded" . }}
        - name: SHARD
          valueFrom:
            fieldRef:
              fieldPath: metadata.labels['apps.kubernetes.io/pod-index']
        {{- end }}
        {{- range $name, $value := .Values.extraEnv }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      {{- end }}
      ports:
        - name: http
          containerPort: 9115
      startupProbe:
        httpGet:
          path: /-/ready
          port: http
        periodSeconds: 1
        failureThreshold: 60
      {{- range $name := list "livenessProbe" "readinessProbe" "resources" "securityContext" }}
      {{- with index $.Values $name }}
      {{ $name }}:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      volumeMounts:
        - name: config
          mountPath: /etc/lookout
          readOnly: true
        - name: data
          mountPath: /var/lib/lookout/data
        {{- if .Values.recovery.deployments }}
        - name: token
          mountPath: /var/run/secrets/kubernetes.io/serviceaccount
          readOnly: true
        {{- end }}
        {{- range .Values.extraSecretMounts }}
        - name: {{ .name }}
          mountPath: {{ .mountPath }}
          {{- with .subPath }}
          subPath: {{ . }}
          {{- end }}
          readOnly: {{ default true .readOnly }}
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: config
      {{- if or .Values.configExistingSecretName .Values.secretConfig }}
      secret:
        secretName: {{ default (include "lookout.fullname" .) .Values.configExistingSecretName }}
      {{- else }}
      configMap:
        name: {{ include "lookout.fullname" . }}
      {{- end }}
    {{- if not .Values.persistence.enabled }}
    - name: data
      emptyDir: {}
    {{- else if not (include "lookout.sharded" .) }}
    - name: data
      persistentVolumeClaim:
        claimName: {{ include "lookout.fullname" . }}
    {{- end }}
    {{- if .Values.recovery.deployments }}
    # For Lookout's container alone.
    - name: token
      projected:
        sources:
          - serviceAccountToken:
              path: token
              expirationSeconds: 3600
          - configMap:
              name: kube-root-ca.crt
              items: [{key: ca.crt, path: ca.crt}]
          - downwardAPI:
              items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]
    {{- end }}
    {{- range .Values.extraSecretMounts }}
    - name: {{ .name }}
      secret:
        secretName: {{ .secretName }}
        {{- with .defaultMode }}
        defaultMode: {{ . }}
        {{- end }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
